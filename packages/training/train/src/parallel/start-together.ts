/** Starts the ranks of a run: rank 0 opens the folder and broadcasts the resume point, and the others verify it. */

import { createHash } from 'node:crypto'
import { isPlainObject } from '@hadal/base'
import { type ProcessGroup, scope, torch } from '@hadal/tensor'
import type { Run } from '../run.ts'
import { ranksDiffer } from './errors.ts'
import type { ParallelOptions } from './parallel-options.ts'

/**
 * `own` is rank 0's resume point, broadcast once it is ready to start; the others wait for it before they open the folder. Throws
 * `train_ranks_differ`, and `tensor_distributed_peer_lost` if rank 0 failed.
 */
export function reportStart(world: ProcessGroup, run: Run, own = 0): number {
  return compare(world, settingsOf(run), own)
}

/** Verifies that all ranks use the same layout, before groups are created. Throws `train_ranks_differ`. */
export function checkLayout(world: ProcessGroup, options: ParallelOptions): void {
  // Timeouts may differ per rank.
  const { timeoutSeconds: _, ...layout } = options
  const named = Object.entries(layout).map(([name, value]) => [`parallel.${name}`, value] as const)
  compare(world, Object.fromEntries(named))
}

/** Settings that determine the sequence of collectives: ranks that differ in them would deadlock. */
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

/**
 * Compares settings with rank 0's, or throws `train_ranks_differ`; returns rank 0's extra values. Every rank passes the same number
 * of them.
 */
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

/** 48 bits of a hash, which a number holds exactly. Independent of key order. */
function digestOf(value: unknown): number {
  const text = JSON.stringify(value, (_, part: unknown) =>
    isPlainObject(part) ? Object.entries(part).sort() : part,
  )
  const hash = createHash('sha256').update(text ?? 'left out')
  return Number.parseInt(hash.digest('hex').slice(0, 12), 16)
}

/** Verifies that this rank found the same in its folder as rank 0. Throws `train_ranks_differ`. */
export function checkStart({ rank }: ProcessGroup, { folder }: Run, reported: number, own: number): void {
  if (own === reported) return
  const found = own === 0 ? 'no checkpoint' : `the checkpoint of step ${own}`
  throw ranksDiffer(rank, `finds ${found} in ${folder}, but rank 0 resumes after step ${reported}`)
}
