/** The same training in fp32, in fp16 without scaling, with 128, and with dynamic scaling; for decreasing loss weights. */

import { setNumThreads } from '@hadal/tensor'
import type { ClaimContext } from '../../claim.ts'
import { type FaintCourse, learnFaintly, type Scaling } from './faint-problem.ts'

export const ways = ['fp32', 'fp16, no scale', 'fp16, scale 128', 'fp16, dynamic scale'] as const
export type Way = (typeof ways)[number]

export interface LossScaleRun extends Omit<FaintCourse, 'losses' | 'heldOut'> {
  readonly way: Way
  readonly seed: number
  /** The loss is multiplied by 2 to this power. */
  readonly exponent: number
  /** null: no number. */
  readonly heldOut: number | null
  /** Mean squared error before each step, null if not finite; empty except for the first seed. */
  readonly losses: readonly (number | null)[]
}

export interface LossScaleRaw {
  readonly steps: number
  readonly runs: readonly LossScaleRun[]
}

const scalings: Readonly<Record<Way, Scaling>> = {
  fp32: 'off',
  'fp16, no scale': 'off',
  'fp16, scale 128': 128,
  'fp16, dynamic scale': 'dynamic',
}

export async function measureLossScale({ mode, seed, note, signal }: ClaimContext): Promise<LossScaleRaw> {
  setNumThreads(1)
  const [steps, seeds, exponents] =
    mode === 'quick'
      ? [150, 3, [-14, -18, -22, -26]]
      : [400, 10, [-12, -14, -16, -18, -20, -22, -24, -26, -28, -30]]
  const runs: LossScaleRun[] = []
  for (const exponent of exponents) {
    for (let index = 0; index < seeds; index += 1)
      for (const way of ways) {
        signal.throwIfAborted()
        const precision = way === 'fp32' ? 'fp32' : 'fp16'
        const task = {
          seed: seed + index,
          precision,
          scaling: scalings[way],
          weight: 2 ** exponent,
          steps,
        } as const
        const { losses, heldOut, ...course } = learnFaintly(task)
        runs.push({
          way,
          seed: task.seed,
          exponent,
          ...course,
          heldOut: Number.isFinite(heldOut) ? heldOut : null,
          losses: index === 0 ? losses : [],
        })
        await new Promise(setImmediate) // lets a signal in
      }
    note(`a loss times 2^${exponent}: ${seeds * ways.length} runs of ${steps} steps`)
  }
  return { steps, runs }
}
