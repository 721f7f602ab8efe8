// A stage of training in figures, from its metrics file. Pure.

import type { MetricsLine } from '@hadal/train'

export interface StageFigures {
  readonly steps: number
  readonly tokensPerStep: number
  /** Read in training, padding included. */
  readonly tokens: number
  readonly epochs: number
  readonly peakLearningRate: number
  /** Seconds of steps and evaluations. */
  readonly seconds: number
  /** Rate of the steps alone. */
  readonly tokensPerSecond: number
  /** Loss of each step. */
  readonly losses: readonly number[]
  readonly heldOut: readonly { readonly step: number; readonly loss: number }[]
  readonly lastHeldOutLoss: number
}

/** Throws unless the stage came to its end, `steps` of them in batches like this, and was evaluated there. */
export function stageFigures(
  stage: string,
  lines: readonly MetricsLine[],
  steps: number,
  batch: { readonly windows: number; readonly windowLength: number },
): StageFigures {
  const trained = lines.filter((line) => line.loss !== undefined) as Required<MetricsLine>[]
  const heldOut = lines
    .filter((line) => line.validLoss !== undefined)
    .map(({ step, validLoss }) => ({ step, loss: validLoss! }))
  const last = trained.at(-1)
  if (last?.step !== steps || heldOut.at(-1)?.step !== steps)
    throw new Error(`${stage} stands at step ${last?.step ?? 0} of ${steps}; finish training first`)
  const { windows, windowLength } = batch
  if (last.tokens !== windows * windowLength)
    throw new Error(
      `${stage} read ${last.tokens} tokens a step, sizes.ts says ${windows} windows of ${windowLength}`,
    )
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
  const tokens = sum(trained.map((line) => line.tokens))
  return {
    steps,
    tokensPerStep: last.tokens,
    tokens,
    epochs: last.epoch,
    peakLearningRate: Math.max(...trained.map(({ learningRate }) => learningRate)),
    seconds: sum(lines.map(({ seconds }) => seconds ?? 0)),
    tokensPerSecond: tokens / sum(trained.map(({ seconds }) => seconds)),
    losses: trained.map(({ loss }) => loss),
    heldOut,
    lastHeldOutLoss: heldOut.at(-1)!.loss,
  }
}

/** Means of `size` neighbours at a time; the last may be of fewer. */
export function blockMeans(values: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
    const block = values.slice(index * size, (index + 1) * size)
    return block.reduce((total, value) => total + value, 0) / block.length
  })
}
