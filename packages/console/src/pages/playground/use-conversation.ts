/** The conversation that the address names, or a new one where it names none. */

import { useEffect, useState } from 'react'
import { useStore } from '../../store.ts'
import type { Conversation } from './conversation.ts'
import { openConversation, opened } from './library/library.ts'
import { beginConversation } from './session.ts'
import { defaultSettings } from './settings/settings.ts'

/** `missing`: there is none of that id. Undefined while it is looked for. */
export function useConversation(id: string | undefined): Conversation | 'missing' | undefined {
  const all = useStore(opened)
  const [fresh, setFresh] = useState<string>()
  const [missing, setMissing] = useState<string>()
  const shown = id ?? fresh
  const found = shown === undefined ? undefined : all[shown]
  useEffect(() => {
    if (id !== undefined) void openConversation(id).then((isThere) => setMissing(isThere ? undefined : id))
    else
      setFresh((was) => {
        const before = was === undefined ? undefined : opened.get()[was]
        const isUnused = before?.columns.every(({ messages }) => Object.keys(messages).length === 0)
        return isUnused ? was : undefined
      })
  }, [id])
  useEffect(() => {
    // With the model that was talked to last.
    if (id === undefined && fresh === undefined)
      setFresh(beginConversation({ ...defaultSettings, model: lastModel() }))
  }, [id, fresh])
  if (found !== undefined) return found
  return missing !== undefined && missing === id ? 'missing' : undefined
}

function lastModel(): string | undefined {
  const last = Object.values(opened.get()).toSorted((a, b) => b.updatedAt - a.updatedAt)[0]
  return last?.columns[0]?.settings.model
}
