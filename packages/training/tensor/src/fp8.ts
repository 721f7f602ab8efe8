/** An fp8 linear layer. The caller determines its scales. */

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
 * x [..., inputs] · weightᵀ, weight [outputs, inputs], both rounded to e4m3, and in the backward pass the gradient to e5m2.
 * `scales` are the multipliers of input, weight and gradient before rounding, float32 [3]; 0 scales by the tensor's own maximum.
 * `seen`, float32 [3], is raised in place to the observed maxima, except under `noGrad`.
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
