/** The models one may talk to, as GET /v1/models has them. */

import type { ModelCard, ModelList } from '@hadal/protocol'
import { useEffect } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import { createStore, type Store } from '../../store.ts'
import type { Settings } from './settings/settings.ts'

export interface ModelListState {
  readonly models: readonly ModelCard[]
  /** Reported by the server. */
  readonly isKnown: boolean
  readonly refresh: () => void
}

export const modelList: Store<ModelListState> = createStore<ModelListState>({
  models: [],
  isKnown: false,
  refresh: () => undefined,
})

/** Once in the page: asks again each ten seconds, for models come and go. */
export function useModelList(): void {
  const { data, refresh } = usePolled<ModelList>('/v1/models', 10_000, 'client')
  useEffect(() => {
    if (data !== undefined) modelList.set({ models: data.data.filter(talks), isKnown: true, refresh })
  }, [data, refresh])
}

/** Models that only embed, rank or compute tensors are left out; the capabilities of an unloaded model are unknown. */
const talks = ({ capabilities }: ModelCard): boolean =>
  capabilities === undefined || capabilities.includes('completion')

/** The one that was chosen, whether it is there or not; else the first. */
export const modelOf = (settings: Settings): string | undefined =>
  settings.model ?? modelList.get().models[0]?.id
