/** One step of private training: rows drawn, gradients clipped row by row, noise, update. Abadi et al. 2016, arXiv:1607.00133. */

import { normsOf } from '@hadal/nn'
import { recordRange, scope, type Tensor, torch } from '@hadal/tensor'
import { layerNorms } from './layer-norms.ts'
import { addGradients } from './memory/within-memory.ts'
import type { PrivacyPlan } from './privacy/privacy-options.ts'
import { makePrivateMean } from './privacy/private-mean.ts'
import type { PrivateReader } from './privacy/private-reader.ts'
import { RowCount } from './privacy/row-figures.ts'
import type { Session } from './session.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { Pass } from './task/pass.ts'

/**
 * `passes` are the drawn ones, possibly none. If no row has a finite gradient the weights stay unchanged and the step counts as
 * diverged.
 */
export function privateStep(
  session: Session,
  passes: readonly Pass[],
  learningRate: number,
  { plan, reader }: { readonly plan: PrivacyPlan; readonly reader: PrivateReader },
): StepOutcome {
  return scope(() => {
    const { memoryWatch, weights } = session
    memoryWatch.begin()
    const count = new RowCount()
    const passLosses: number[] = []
    let sum: Tensor[] | undefined
    for (const pass of passes) {
      const part = scope(() => reader.clipped(pass, count))
      passLosses.push(part.loss)
      if (sum) addGradients(sum, part.gradients)
      else sum = part.gradients
    }
    const gradients = sum ?? [...weights.masters.values()].map(({ shape }) => torch.zeros([...shape]))
    memoryWatch.sees(gradients)
    const each = recordRange('phase:optimizer', () => {
      recordRange('module:noise', () => makePrivateMean(gradients, plan))
      const norms = scope(() => normsOf(gradients).toArray() as number[])
      if (count.isLost) session.dropUpdate()
      else session.spend(gradients, learningRate, plan)
      return norms
    })
    memoryWatch.end('update')
    return {
      loss: count.isLost ? Number.NaN : meanLoss(passes, passLosses),
      passLosses,
      gradientNorm: Math.hypot(...each),
      layerNorms: layerNorms(weights.masters.keys(), each),
      expertImbalance: 1,
      memory: memoryWatch.take(),
      privacy: count.figures,
    }
  })
}

/** Over passes with finite loss: a non-finite loss of an excluded row is no failure. 0 if nothing was drawn. */
function meanLoss(passes: readonly Pass[], losses: readonly number[]): number {
  let [sum, weight] = [0, 0]
  passes.forEach((pass, at) => {
    if (!Number.isFinite(losses[at])) return
    sum += losses[at]!
    weight += pass.weight
  })
  return weight > 0 ? Math.fround(sum / weight) : 0
}
