/**
 * Fused fp32 decoder operators, for computations that libtorch composes of several, defined through the public custom operator API.
 * Their rounding differs from libtorch's, so they are opt-in.
 */

import type { Tensor } from '../../tensor.ts'
import { type DefineOptions, defineOp } from '../define-op.ts'
import { type Op, type OpDefinition, opDefinition } from '../op-definition.ts'

const source = (file: string): URL => new URL(`../../../native/ops/${file}`, import.meta.url)

const swiGluFile = source('swiglu.cc')
const rmsNormFile = source('rms-norm.cc')

/**
 * silu(gate) · value.
 *
 * @example
 * ```ts
 * import { defineOp, fusedSwiGlu, torch } from '@hadal/tensor'
 *
 * const swiGlu = await defineOp(fusedSwiGlu)
 * const y = swiGlu(torch.randn([4, 64]), torch.randn([4, 64])) // [4, 64]
 * ```
 */
export const fusedSwiGlu: OpDefinition<'(Tensor gate, Tensor value) -> Tensor'> = opDefinition({
  name: 'hadal::swiglu',
  schema: '(Tensor gate, Tensor value) -> Tensor',
  cpu: swiGluFile,
  shape: swiGluFile,
  backward: swiGluFile,
})

/**
 * x / √(mean(x²) + eps) · weight over the last dimension, and 1 / √(...) of each row.
 *
 * @example
 * ```ts
 * import { defineOp, fusedRmsNorm, torch } from '@hadal/tensor'
 *
 * const rmsNorm = await defineOp(fusedRmsNorm)
 * const [y, roots] = rmsNorm(torch.randn([4, 64]), torch.ones([64]), 1e-6) // [4, 64] and what the backward pass needs
 * ```
 */
export const fusedRmsNorm: OpDefinition<'(Tensor x, Tensor weight, float eps) -> (Tensor y, Tensor roots)'> =
  opDefinition({
    name: 'hadal::rms_norm',
    schema: '(Tensor x, Tensor weight, float eps) -> (Tensor y, Tensor roots)',
    cpu: rmsNormFile,
    shape: rmsNormFile,
    backward: rmsNormFile,
    saves: ['x', 'weight', 'roots'],
    nonDifferentiable: ['roots'],
  })

export interface FusedOps {
  /** silu(gate) · value, of one shape in fp32 or fp64. */
  readonly swiGlu: (gate: Tensor, value: Tensor) => Tensor
  /** x [..., width] / √(mean(x²) + eps) · weight [width], in fp32 or fp64. */
  readonly rmsNorm: (x: Tensor, weight: Tensor, eps: number) => Tensor
  /** `compiled in 8.1 s with g++ 12.2.0` or `from the cache`. */
  readonly reason: string
}

/**
 * Compiles operators missing from the cache. Throws what `defineOp` throws; a program can recover from `op_compiler_missing`.
 *
 * @example
 * ```ts
 * import { fusedOps, torch } from '@hadal/tensor'
 *
 * const { swiGlu, reason } = await fusedOps()
 * const y = swiGlu(torch.randn([2, 8]), torch.randn([2, 8])) // [2, 8]: compiled, or libtorch's own operators
 * console.log(reason) // why it is one or the other
 * ```
 */
export async function fusedOps(options: DefineOptions = {}): Promise<FusedOps> {
  const [mix, norm] = await Promise.all([defineOp(fusedSwiGlu, options), defineOp(fusedRmsNorm, options)])
  return {
    swiGlu: mix,
    rmsNorm: (x, weight, eps) => {
      const [y, roots] = norm(x, weight, eps)
      roots.free()
      return y
    },
    reason: slowest(mix, norm).build.reason,
  }
}

function slowest(...ops: readonly Pick<Op<string>, 'build'>[]): Pick<Op<string>, 'build'> {
  return ops.reduce((a, b) => (b.build.millis > a.build.millis ? b : a))
}
