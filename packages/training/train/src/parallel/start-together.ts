/** How the ranks of a run begin: rank 0 opens the folder and says where the run goes on, and the others see that they do so, too. */

import { createHash } from 'node:crypto'
import { isPlainObject } from '@hadal/base'
import { type ProcessGroup, scope, torch } from '@hadal/tensor'
import type { Run } from '../run.ts'
import { ranksDiffer } from './errors.ts'
import type { ParallelOptions } from './parallel-options.ts'

/**
 * `own` is where rank 0 goes on, once nothing stands in the way; the others wait for that before they look into the folder, and get
 * it. Throws `train_ranks_differ`, and `tensor_distributed_peer_lost` where rank 0 found something in the way.
 */
export function tellStart(world: ProcessGroup, run: Run, own = 0): number {
  return compare(world, settingsOf(run), own)
}

/** That all divide a run alike, before they make groups of each other. Throws `train_ranks_differ`. */
export function checkLayout(world: ProcessGroup, options: ParallelOptions): void {
  // How long to wait is everybody's own.
  const { timeoutSeconds: _, ...layout } = options
  const named = Object.entries(layout).map(([name, value]) => [`parallel.${name}`, value] as const)
  compare(world, Object.fromEntries(named))
}

/** What decides which collectives a rank calls, and when: those who differ in it would wait for each other in different ones. */
function settingsOf({ fingerprint, heldOutFingerprint, ...run }: Run): Record<string, unknown> {
  const { evaluate, checkpoint, schedule, checkpointing, memory } = run
  const { prompts, maxTokens, stop } = evaluate.samples ?? {}
  return {
    'what decides the weights': fingerprint,
    'held-out data': heldOutFingerprint,
    schedule,
    'evaluate.everySteps': evaluate.everySteps,
    'evaluate.patience': evaluate.patience,
    'evaluate.minImprovement': evaluate.minImprovement,
    'evaluate.samples': [prompts, maxTokens, stop],
    'checkpoint.everySteps': checkpoint.everySteps,
    'checkpoint.best': checkpoint.best,
    checkpointing,
    memory,
  }
}

/** What rank 0 tells beside its settings, which are the same here or there is `train_ranks_differ`. Every rank names as many. */
function compare(world: ProcessGroup, settings: Readonly<Record<string, unknown>>, own = 0): number {
  return scope(() => {
    const digests = Object.values(settings).map(digestOf)
    const told_n = torch.tensor([own, ...digests], { dtype: 'float64' })
    world.broadcast_(told_n, 0)
    const [step, ...wanted] = told_n.toArray() as [number, ...number[]]
    const differing = Object.keys(settings).filter((_, at) => wanted[at] !== digests[at])
    if (differing.length > 0)
      throw ranksDiffer(
        world.rank,
        `has loaded another run than rank 0: they differ in ${differing.join(', ')}`,
      )
    return step
  })
}

/** 48 bits of a hash, which are a number without loss. The order of keys says nothing. */
function digestOf(value: unknown): number {
  const text = JSON.stringify(value, (_, part: unknown) =>
    isPlainObject(part) ? Object.entries(part).sort() : part,
  )
  const hash = createHash('sha256').update(text ?? 'left out')
  return Number.parseInt(hash.digest('hex').slice(0, 12), 16)
}

/** That what this rank found in its folder is what rank 0 did. Throws `train_ranks_differ`. */
export function checkStart({ rank }: ProcessGroup, { folder }: Run, told: number, own: number): void {
  if (own === told) return
  const found = own === 0 ? 'no checkpoint' : `the checkpoint of step ${own}`
  throw ranksDiffer(rank, `finds ${found} in ${folder}, and rank 0 goes on after step ${told}`)
}
