/** An optimizer over a rank's shard: parameters without rows on this rank have no update and no state. */

import type { Tensor } from '@hadal/tensor'
import { makeOptimizer, type OptimizerChoice } from '../optimizers/make-optimizer.ts'
import { type Optimizer, oneRate, type RateFactor } from '../optimizers/optimizer.ts'
import type { ShareRule } from './data-shares.ts'

/**
 * `masters` as `SharedWeights` has them.
 *
 * @internal
 */
export function makeShareOptimizer(
  masters: ReadonlyMap<string, Tensor>,
  choice: OptimizerChoice,
  rateFactor: RateFactor = oneRate,
): Optimizer {
  const kept = [...masters.values()].map(({ numel }) => numel > 0)
  const own = new Map([...masters].filter((_, index) => kept[index]))
  const optimizer = makeOptimizer(own, choice, rateFactor)
  return {
    update: (gradients, learningRate) =>
      optimizer.update(
        gradients.filter((_, index) => kept[index]),
        learningRate,
      ),
    state: () => optimizer.state(),
  }
}

/**
 * How an optimizer's parameters may be sharded: rules that read more than one value at a time need whole parameters.
 *
 * @internal
 */
export function shareRuleOf({ kind = 'adamw' }: OptimizerChoice): ShareRule {
  return kind === 'adafactor' || kind === 'muon' || kind === 'adamw-8bit' ? 'whole' : 'rows'
}
