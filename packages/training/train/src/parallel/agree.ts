/**
 * Collective decisions of the ranks between two steps, or two reference passes: stop and save requests. A request to one rank is
 * shared with all, so that no rank waits for one that has left.
 */

import type { ProcessGroup } from '@hadal/tensor'
import { scope, torch } from '@hadal/tensor'

/** From weakest to strongest. */
const stops = ['no', 'interrupted', 'stopped'] as const

export interface Requested {
  readonly stop: (typeof stops)[number]
  readonly save: boolean
}

/** Combines the requests of all ranks; every rank calls it at the same points. A single process returns its own. */
export function agree(world: ProcessGroup | undefined, own: Requested): Requested {
  if (world === undefined) return own
  return scope(() => {
    const asked_2 = torch.tensor([stops.indexOf(own.stop), own.save ? 1 : 0], { dtype: 'int64' })
    world.allReduce_(asked_2, 'max')
    const [stop, save] = (asked_2.toArray() as (number | bigint)[]).map(Number)
    return { stop: stops[stop!]!, save: save! > 0 }
  })
}
