/** How the ranks of a run begin: rank 0 opens the folder and says where the run goes on, and the others see that they do so, too. */

import { type ProcessGroup, scope, torch } from '@hadal/tensor'
import type { Run } from '../run.ts'
import { ranksDiffer } from './errors.ts'

/**
 * `own` is where rank 0 goes on, once nothing stands in the way; the others wait for that before they look into the folder, and get
 * it. Throws `train_ranks_differ`, and `tensor_distributed_peer_lost` where rank 0 found something in the way.
 */
export function tellStart(world: ProcessGroup, { fingerprint }: Run, own?: number): number {
  return scope(() => {
    // 48 bits of it are a number without loss.
    const digest = Number.parseInt(fingerprint.slice(0, 12), 16)
    const start_2 = torch.tensor([digest, own ?? 0], { dtype: 'float64' })
    world.broadcast_(start_2, 0)
    const [wanted, step] = start_2.toArray() as [number, number]
    if (wanted !== digest) throw ranksDiffer(world.rank, 'has loaded another run than rank 0')
    return step
  })
}

/** That what this rank found in its folder is what rank 0 did. Throws `train_ranks_differ`. */
export function checkStart({ rank }: ProcessGroup, { folder }: Run, told: number, own: number): void {
  if (own === told) return
  const found = own === 0 ? 'no checkpoint' : `the checkpoint of step ${own}`
  throw ranksDiffer(rank, `finds ${found} in ${folder}, and rank 0 goes on after step ${told}`)
}
