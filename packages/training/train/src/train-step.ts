/** One step: forward, gradients, update. */

import { clipByGlobalNorm } from '@hadal/nn'
import { recordRange, scope, type Tensor } from '@hadal/tensor'
import { layerNorms } from './layer-norms.ts'
import { addGradients } from './memory/within-memory.ts'
import { privateStep } from './private-step.ts'
import type { Session } from './session.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { Pass } from './task/pass.ts'

/**
 * Reads `passes` one after the other as one batch, in a private run as a private step. Leaves the weights unchanged if the result
 * is not finite.
 */
export function trainStep(
  session: Session,
  passes: readonly Pass[],
  learningRate: number,
  clipNorm: number,
): StepOutcome {
  if (session.privacy) return privateStep(session, passes, learningRate, session.privacy)
  return scope(() => {
    const { lossScaler, memoryWatch } = session
    memoryWatch.begin()
    const lossScale = lossScaler?.scale
    const { passLosses, gradients } = meanGradients(session, passes, lossScale)
    memoryWatch.sees(gradients)
    return recordRange('phase:optimizer', () => {
      const overflows = lossScaler ? !lossScaler.unscale(gradients, session.largestOfRanks) : false
      lossScaler?.update()
      const loss = passLosses.reduce((sum, part) => sum + part, 0)
      const norms = recordRange('module:clipping', () =>
        clipByGlobalNorm(gradients, clipNorm, session.overRanks),
      )
      const sound = Number.isFinite(loss) && Number.isFinite(norms.total)
      const expertImbalance = sound ? session.update(gradients, learningRate) : session.dropUpdate()
      memoryWatch.end('update')
      return {
        ...(lossScale !== undefined && { lossScale }),
        ...(overflows && !lossScaler?.exhausted && { skipped: true }),
        loss,
        passLosses,
        gradientNorm: norms.total,
        layerNorms: layerNorms(session.weights.masters.keys(), norms.each),
        expertImbalance,
        memory: memoryWatch.take(),
      }
    })
  })
}

/**
 * Every loss-carrying element of the batch has the same weight, regardless of the split into passes. Without any, loss and
 * gradients are 0. Gradients are multiplied by `lossScale`.
 */
function meanGradients(
  session: Session,
  passes: readonly Pass[],
  lossScale = 1,
): { passLosses: readonly number[]; gradients: readonly Tensor[] } {
  const weight = passes.reduce((sum, pass) => sum + pass.weight, 0) || 1
  const passLosses: number[] = []
  let gradients: Tensor[] | undefined
  for (const [index, pass] of passes.entries()) {
    const isLast = index === passes.length - 1
    const part = scope(() => session.passGradients(pass, lossScale / weight, isLast))
    passLosses.push(Math.fround(part.loss / weight))
    if (!gradients) gradients = part.gradients
    else addGradients(gradients, part.gradients)
  }
  return {
    passLosses: session.finishLosses(passLosses),
    gradients: session.finishGradients(gradients!),
  }
}
