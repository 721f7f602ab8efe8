/** The models one may talk to, as GET /v1/models has them. */

import type { ModelCard, ModelList } from '@hadal/protocol'
import { useEffect } from 'react'
import { connection } from '../../api/connection.ts'
import { keys } from '../../api/keys.ts'
import { getJson } from '../../api/request.ts'
import { createStore, type Store } from '../../store.ts'
import type { Settings } from './settings/settings.ts'

export interface ModelListState {
  readonly models: readonly ModelCard[]
  /** The server said so. */
  readonly isKnown: boolean
  readonly refresh: () => void
}

export const modelList: Store<ModelListState> = createStore<ModelListState>({
  models: [],
  isKnown: false,
  refresh: () => undefined,
})

/** Milliseconds: models come and go. */
const askEach = 10_000

/** Once in the page: asks again and again, and at once where another key was given or the server is back. */
export function useModelList(): void {
  useEffect(() => {
    const stopping = new AbortController()
    const { signal } = stopping
    let timer: ReturnType<typeof setTimeout> | undefined
    let isAsking = false
    const ask = async (): Promise<void> => {
      clearTimeout(timer)
      if (isAsking || signal.aborted) return
      isAsking = true
      if (!document.hidden)
        await getJson<ModelList>('/v1/models', { as: 'client', signal })
          .then(({ data }) => modelList.set({ models: data.filter(talks), isKnown: true, refresh }))
          // The shell says what is amiss with the server or the key; the models that were known stay.
          .catch(() => undefined)
      isAsking = false
      if (!signal.aborted) timer = setTimeout(refresh, askEach)
    }
    const refresh = (): void => void ask()
    const forgets = [
      keys.subscribe(refresh),
      connection.subscribe(() => connection.get() === 'up' && refresh()),
    ]
    refresh()
    return () => {
      stopping.abort()
      clearTimeout(timer)
      for (const forget of forgets) forget()
    }
  }, [])
}

/** Those that only embed, rank or compute tensors are left out; of one that is not loaded nobody knows. */
const talks = ({ capabilities }: ModelCard): boolean =>
  capabilities === undefined || capabilities.includes('completion')

/** The one that was chosen, whether it is there or not; else the first. */
export const modelOf = (settings: Settings): string | undefined =>
  settings.model ?? modelList.get().models[0]?.id
