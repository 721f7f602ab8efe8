/** Evaluates a model on held-out data: mean loss, and other measures of its passes. */

import { noGrad, scope } from '@hadal/tensor'
import type { ModelView } from './kinds/open-model.ts'
import { sumsWithin } from './memory/within-memory.ts'
import type { DataParallel } from './parallel/data-parallel.ts'
import type { Evaluated, Pass } from './task/pass.ts'

/** What evaluation needs from ranks that share the passes. */
export type SharedReading = Pick<DataParallel, 'partOf' | 'sum'>

/**
 * Reads all of `passes`, which must have the same measures. In a single process, passes that do not fit in memory are read in
 * parts.
 *
 * @internal
 */
export function evaluate<View extends ModelView>(
  model: View,
  passes: Iterable<Pass<View>>,
  ranks?: SharedReading,
  isAlone: boolean = ranks === undefined,
): Evaluated {
  let names: readonly string[] = []
  const read = (pass: Pass): readonly number[] =>
    noGrad(() =>
      scope(() => {
        const { loss, sums } = pass.measure?.(model) ?? { loss: pass.loss(model), sums: {} }
        names = Object.keys(sums)
        return [loss, ...Object.values(sums)].map((sum) => sum.item() as number)
      }),
    )
  let totals: readonly number[] = []
  let [weight, rows] = [0, 0]
  for (const whole of passes) {
    const { pass, counts } = ranks?.partOf(whole) ?? { pass: whole, counts: true }
    const sums = isAlone ? sumsWithin(pass, read) : read(pass)
    totals = sums.map((sum, at) => (totals[at] ?? 0) + (counts ? sum : 0))
    weight += whole.weight
    rows += whole.rows
  }
  const [loss, ...others] = ranks?.sum(totals) ?? totals
  return {
    loss: loss! / weight,
    measures: Object.fromEntries(names.map((name, at) => [name, others[at]! / rows])),
  }
}
