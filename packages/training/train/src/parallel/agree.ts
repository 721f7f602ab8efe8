/**
 * What the ranks of a run decide together between two steps, or two passes over references: whether to stop, and whether to save. One that is asked asks all, so that
 * none waits for one that has left.
 */

import type { ProcessGroup } from '@hadal/tensor'
import { scope, torch } from '@hadal/tensor'

/** From the weakest on. */
const stops = ['no', 'interrupted', 'stopped'] as const

export interface Asked {
  readonly stop: (typeof stops)[number]
  readonly save: boolean
}

/** What any of them asks, the same for all; every rank calls it at the same places. A process by itself has its own way. */
export function agree(world: ProcessGroup | undefined, own: Asked): Asked {
  if (world === undefined) return own
  return scope(() => {
    const asked_2 = torch.tensor([stops.indexOf(own.stop), own.save ? 1 : 0], { dtype: 'int64' })
    world.allReduce_(asked_2, 'max')
    const [stop, save] = (asked_2.toArray() as (number | bigint)[]).map(Number)
    return { stop: stops[stop!]!, save: save! > 0 }
  })
}
