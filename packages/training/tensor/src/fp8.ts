/** A linear layer that computes in 8-bit floats. What its scales are is the caller's to decide. */

import { context } from './context.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import { Tensor } from './tensor.ts'

const schema = 'fp8Linear(x, weight, scales, seen) -> Tensor'

/**
 * The largest values of the formats: e4m3 of inputs and weights, e5m2 of gradients (arXiv:2209.05433, table 1).
 *
 * @internal
 */
export const fp8Largest: { readonly e4m3: number; readonly e5m2: number } = { e4m3: 448, e5m2: 57_344 }

/**
 * x [..., inputs] · weightᵀ, weight [outputs, inputs], both rounded to e4m3, and on the way back the gradient to e5m2. `scales`
 * holds what input, weight and gradient are multiplied with before they are rounded, float32 [3]; where it is 0, the tensor's own
 * largest value decides. `seen`, float32 [3], is raised in place to the largest magnitudes that came by, except under `noGrad`.
 *
 * @internal
 */
export function fp8Linear(x: Tensor, weight: Tensor, scales: Tensor, seen: Tensor): Tensor {
  context()
  try {
    return new Tensor(native().fp8Linear(x.handle, weight.handle, scales.handle, seen.handle))
  } catch (thrown) {
    throw failure(thrown, 'fp8Linear', schema, [x, weight, scales, seen])
  }
}
