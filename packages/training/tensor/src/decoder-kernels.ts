/** Parts of a decoder that libtorch composes of many operators, in one pass over memory each. */

import { context } from './context.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import { Tensor } from './tensor.ts'

export interface AttentionHeadsOptions {
  /** Heads that x has. */
  readonly heads: number
  /** Heads of the result for each of them. Default: 1. */
  readonly repeats?: number
  /** Turns dimension i together with dimension i + width / 2: cos and sin of each position's angles, float32 [time, width / 2]. */
  readonly rotary?: { readonly cos: Tensor; readonly sin: Tensor } | undefined
}

/**
 * x [batch, time, heads · width] as attention input: [batch, heads · repeats, time, width] in fp32, optionally rotated. Values and
 * gradients are bit-identical to the sequence of PyTorch's operators.
 *
 * @internal
 */
export function attentionHeads(x: Tensor, { heads, repeats = 1, rotary }: AttentionHeadsOptions): Tensor {
  context()
  const { cos, sin } = rotary ?? { cos: x, sin: x }
  try {
    return new Tensor(
      native().attentionHeads(x.handle, heads, repeats, rotary !== undefined, cos.handle, sin.handle),
    )
  } catch (thrown) {
    throw failure(thrown, 'attentionHeads', 'attentionHeads(x, { heads, repeats, rotary }) -> Tensor', [x])
  }
}

/**
 * x / √(mean(x²) + eps) · weight over the last dimension, like `torch.rmsNorm`. For 16-bit floats on the CPU it computes in one
 * pass and keeps only x for the backward pass, where libtorch keeps fp32 copies.
 *
 * @internal
 */
export function rmsNorm16(x: Tensor, weight: Tensor, eps: number): Tensor {
  context()
  try {
    return new Tensor(native().rmsNorm16(x.handle, weight.handle, eps))
  } catch (thrown) {
    throw failure(thrown, 'rmsNorm16', 'rmsNorm16(x, weight, eps) -> Tensor', [x, weight])
  }
}

/**
 * silu(gate) · value, of one shape. For 16-bit floats on the CPU it computes in one pass and keeps only gate and value for the
 * backward pass, where libtorch also keeps silu(gate).
 *
 * @internal
 */
export function swiGlu16(gate: Tensor, value: Tensor): Tensor {
  context()
  try {
    return new Tensor(native().swiGlu16(gate.handle, value.handle))
  } catch (thrown) {
    throw failure(thrown, 'swiGlu16', 'swiGlu16(gate, value) -> Tensor', [gate, value])
  }
}
