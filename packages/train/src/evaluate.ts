/** Held-out loss. */

import type { HiddenModel } from '@hadal/nn'
import { noGrad, scope } from '@hadal/tensor'
import type { Pass } from './task/pass.ts'

/** Mean loss over everything in `passes` that carries loss: for tokens, nats a token. */
export function evaluate(model: HiddenModel, passes: Iterable<Pass>): number {
  let total = 0
  let weight = 0
  for (const pass of passes) {
    total += noGrad(() => scope(() => pass.loss(model).item() as number))
    weight += pass.weight
  }
  return total / weight
}
