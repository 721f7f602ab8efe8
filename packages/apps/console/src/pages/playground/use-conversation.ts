/** The conversation in the URL, or a new one. */

import { useEffect, useLayoutEffect, useState } from 'react'
import { useStore } from '../../store.ts'
import type { Conversation } from './conversation.ts'
import { blankConversation, library, openConversation, opened } from './library/library.ts'
import { beginConversation } from './session.ts'
import { defaultSettings } from './settings/settings.ts'

/** `missing`: there is none of that id. Undefined while it is looked for. */
export function useConversation(id: string | undefined): Conversation | 'missing' | undefined {
  const all = useStore(opened)
  const { summaries } = useStore(library)
  const [fresh, setFresh] = useState<string>()
  const [missing, setMissing] = useState<string>()
  const shown = id ?? fresh
  const found = shown === undefined ? undefined : all[shown]
  const isOpen = found !== undefined
  const isListed = summaries?.some((each) => each.id === id) ?? false
  // Again where another tab took it away, or brought it back.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (id !== undefined) void openConversation(id).then((isThere) => setMissing(isThere ? undefined : id))
  }, [id, isOpen, isListed])
  useLayoutEffect(() => {
    // The settings of a conversation that has not begun are kept.
    const blank = (): string =>
      blankConversation()?.id ?? beginConversation({ ...defaultSettings, model: lastModel() })
    if (id === undefined) setFresh(blank())
  }, [id])
  if (found !== undefined) return found
  return missing !== undefined && missing === id ? 'missing' : undefined
}

function lastModel(): string | undefined {
  const last = Object.values(opened.get()).toSorted((a, b) => b.updatedAt - a.updatedAt)[0]
  return last?.columns[0]?.settings.model
}
