/**
 * Precision handling. `fp32`: the model's parameters are the weights. `bf16`, `fp16`: the model computes with low-precision working
 * copies, cast once per step from fp32 masters, which the optimizer updates and checkpoints store. `fp16` needs a loss scale
 * (precision/loss-scaler.ts); `fp8` is bf16 with fp8 products in linear layers (precision/fp8-linears.ts).
 */

import { type DType, noGrad, type Tensor, torch } from '@hadal/tensor'
import type { Module } from './module.ts'
import { type OnGradients, Tape } from './tape/tape.ts'

export type Precision = 'fp32' | 'bf16' | 'fp16' | 'fp8'

/**
 * The dtype to build a model's parameters in.
 *
 * @internal
 */
export const computeDtype: Readonly<Record<Precision, DType>> = {
  fp32: 'float32',
  bf16: 'bfloat16',
  fp16: 'float16',
  fp8: 'bfloat16',
}

/**
 * Weights in fp32 that are updated, and their copies in 16 bits that are computed with.
 *
 * @example
 * ```ts
 * import { Linear, MasterWeights } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(16, 8, 'bfloat16')
 * const weights = new MasterWeights(model)
 * weights.masters.get('weight')?.dtype // → 'float32'
 * const gradients = weights.gradients(model.forward(torch.randn([4, 16], { dtype: 'bfloat16' })).sum())
 * weights.publish() // after an update of the masters
 * ```
 */
export class MasterWeights {
  /** fp32, by name, in the module's order. */
  readonly masters: ReadonlyMap<string, Tensor>
  /** The model's compute weights, by name. */
  readonly working: ReadonlyMap<string, Tensor>
  readonly #working: readonly Tensor[]
  readonly #shared: boolean

  constructor(model: Pick<Module, 'parameters'>) {
    const parameters = model.parameters()
    this.working = parameters
    this.#working = [...parameters.values()]
    this.#shared = this.#working.every((parameter) => parameter.dtype === 'float32')
    this.masters = this.#shared
      ? parameters
      : new Map([...parameters].map(([name, parameter]) => [name, parameter.detach().float()]))
  }

  /** fp32 gradients of a scalar loss, in the order of `masters`; multiplied by `tape.upstream` if the loss was computed on a tape. */
  gradients(loss: Tensor, tape: Tape = new Tape(1), onGradients?: OnGradients): Tensor[] {
    return tape.gradients(loss, this.#working, onGradients).map((gradient) => {
      if (gradient.dtype === 'float32') return gradient
      using narrow = gradient
      return narrow.float()
    })
  }

  /** Casts the masters into the model; call it after every change to them. */
  publish(): void {
    if (!this.#shared) noGrad(() => torch._foreachCopy_([...this.#working], [...this.masters.values()]))
  }
}
