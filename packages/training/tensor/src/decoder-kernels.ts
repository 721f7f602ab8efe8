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
 * x [batch, time, heads · width] as what attention reads: [batch, heads · repeats, time, width] in fp32, rotated where asked for.
 * Values and gradients have the bits that PyTorch's operators give one after the other.
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
 * x / √(mean(x²) + eps) · weight over the last dimension, as `torch.rmsNorm`; of 16-bit floats on the CPU it computes in one pass and
 * keeps x alone for the way back, where libtorch keeps copies in fp32.
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
 * silu(gate) · value, of one shape; of 16-bit floats on the CPU it computes in one pass and keeps gate and value alone for the way
 * back, where libtorch keeps silu(gate) as well.
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
