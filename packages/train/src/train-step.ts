/** One step: forward, gradients, update. */

import { clipByGlobalNorm, countTargets, type Windows } from '@hadal/nn'
import { scope, type Tensor, torch } from '@hadal/tensor'
import { batchLoss } from './batch-tensors.ts'
import type { Session } from './session.ts'

export interface StepOutcome {
  /** Mean over the targets, before the update. */
  readonly loss: number
  /** Before clipping. */
  readonly gradientNorm: number
}

/** Reads `passes` one after the other as one batch. Leaves the weights alone when the outcome is not finite. */
export function trainStep(
  session: Session,
  passes: readonly Windows[],
  learningRate: number,
  clipNorm: number,
): StepOutcome {
  return scope(() => {
    const { loss, gradients } = meanGradients(session, passes)
    const gradientNorm = clipByGlobalNorm(gradients, clipNorm)
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      session.optimizer.update(gradients, learningRate)
      session.weights.publish()
    }
    return { loss, gradientNorm }
  })
}

/** Every target of the whole batch weighs the same, however the passes divide them. */
function meanGradients(
  session: Session,
  passes: readonly Windows[],
): { loss: number; gradients: readonly Tensor[] } {
  const targets = passes.reduce((sum, windows) => sum + countTargets(windows), 0)
  let total = 0
  let gradients: Tensor[] | undefined
  for (const windows of passes) {
    const part = scope(() => {
      const loss = batchLoss(session.model, windows).div(targets)
      total += loss.item() as number
      return session.weights.gradients(loss)
    })
    if (gradients) torch._foreachAdd_(gradients, part)
    else gradients = part
  }
  return { loss: total, gradients: gradients! }
}
