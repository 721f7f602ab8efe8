/** Held-out loss. */

import type { HiddenModel } from '@hadal/nn'
import { noGrad, scope } from '@hadal/tensor'
import { sumWithin } from './memory/within-memory.ts'
import type { DataParallel } from './parallel/data-parallel.ts'
import type { Pass } from './task/pass.ts'

/** What ranks that read the passes between them have to do with it. */
export type SharedReading = Pick<DataParallel, 'partOf' | 'sum'>

/**
 * Mean loss over everything in `passes` that carries loss: for tokens, nats a token. A process that computes alone reads passes that do
 * not fit in memory in parts.
 */
export function evaluate(
  model: HiddenModel,
  passes: Iterable<Pass>,
  ranks?: SharedReading,
  isAlone: boolean = ranks === undefined,
): number {
  const read = (pass: Pass): number => noGrad(() => scope(() => pass.loss(model).item() as number))
  let total = 0
  let weight = 0
  for (const whole of passes) {
    const { pass, counts } = ranks?.partOf(whole) ?? { pass: whole, counts: true }
    const loss = isAlone ? sumWithin(pass, read) : read(pass)
    if (counts) total += loss
    weight += whole.weight
  }
  return (ranks?.sum([total])[0] ?? total) / weight
}
