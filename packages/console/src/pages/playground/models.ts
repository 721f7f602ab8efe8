/** The models one may talk to, as GET /v1/models has them. */

import type { ModelCard, ModelList } from '@hadal/protocol'
import type { Polled } from '../../api/use-polled.ts'
import { usePolled } from '../../api/use-polled.ts'
import { createStore, type Store } from '../../store.ts'
import type { Settings } from './settings.ts'

/** The last that were heard of, for those who ask when nobody looks. */
const known: Store<readonly ModelCard[]> = createStore<readonly ModelCard[]>([])

/** Asks again each ten seconds: models come and go. */
export function useModels(): Polled<ModelList> & { readonly models: readonly ModelCard[] } {
  const polled = usePolled<ModelList>('/v1/models', 10_000)
  const models = polled.data === undefined ? known.get() : talking(polled.data.data)
  if (polled.data !== undefined) known.set(models)
  return { ...polled, models }
}

/** Those that only embed, rank or compute tensors are left out; of one that is not loaded nobody knows. */
const lists = new WeakMap<readonly ModelCard[], readonly ModelCard[]>()
function talking(models: readonly ModelCard[]): readonly ModelCard[] {
  let list = lists.get(models)
  if (list === undefined) {
    list = models.filter(({ capabilities }) => capabilities === undefined || capabilities.includes('chat'))
    lists.set(models, list)
  }
  return list
}

/** The one that was chosen, whether it is there or not; else the first. */
export const modelOf = (settings: Settings, models: readonly ModelCard[] = known.get()): string | undefined =>
  settings.model ?? models[0]?.id
