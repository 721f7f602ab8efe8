/** The layers every decoder is built from. Weights start uninitialised: `initializeDecoder` or a checkpoint fills them. */

import { type DType, rmsNorm16, swiGlu16, type Tensor, torch } from '@hadal/tensor'
import { Module } from './module.ts'
import { parameter } from './parameter.ts'
import { isListenedTo, notify } from './per-sample/layer-use.ts'
import { embedding, linear } from './per-sample/tell-layers.ts'

/** A frozen weight [outputs, inputs] in fewer bits than a matrix of the model's dtype. */
export interface PackedWeight {
  /** x Wᵀ, which may be modified in place; gradients of x use the same W. */
  linear(x: Tensor): Tensor
  /** W [outputs, inputs]. */
  unpack(dtype: DType): Tensor
}

/**
 * y = x Wᵀ, with an optional bias.
 *
 * @example
 * ```ts
 * import { initializeLayers, Linear } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const linear = new Linear(16, 8, 'float32', true) // with a bias
 * initializeLayers(linear)
 * linear.forward(torch.randn([2, 5, 16])).shape // → [ 2, 5, 8 ]
 * ```
 */
export class Linear extends Module {
  /** Without memory, on the device `meta`, while the weight is packed. */
  weight: Tensor
  readonly bias: Tensor | undefined
  readonly #dtype: DType
  #packed: PackedWeight | undefined
  #multiply: ((x: Tensor, weight: Tensor) => Tensor) | undefined
  #beside: ((x: Tensor, y: Tensor) => Tensor) | undefined

  constructor(inputs: number, outputs: number, dtype: DType, bias = false) {
    super()
    this.#dtype = dtype
    this.weight = parameter([outputs, inputs], dtype)
    this.bias = bias ? parameter([outputs], dtype) : undefined
  }

  override get tellsOfParameters(): boolean {
    return this.#packed === undefined && this.#multiply === undefined
  }

  /** [..., inputs] to [..., outputs]. */
  forward(x: Tensor): Tensor {
    const y = this.product(x, this.bias)
    return this.#beside ? this.#beside(x, y) : y
  }

  /** x Wᵀ with the weight only, plus `bias`. */
  product(x: Tensor, bias?: Tensor): Tensor {
    if (!this.#packed && !this.#multiply) return linear(x, this.weight, bias)
    const y = this.#packed?.linear(x) ?? this.#multiply!(x, this.weight)
    return bias ? y.add_(bias) : y
  }

  /** From now on computes x Wᵀ with `multiply` while the weight is a matrix; undefined resets it. */
  multiplyWith(multiply: ((x: Tensor, weight: Tensor) => Tensor) | undefined): void {
    this.#multiply = multiply
  }

  /** Why its product is no longer x Wᵀ of its matrix; undefined while it is. */
  get otherProduct(): 'packed' | 'multiplied' | undefined {
    if (this.#packed) return 'packed'
    return this.#multiply && 'multiplied'
  }

  /** W [outputs, inputs], unpacked if need be. */
  matrix(): Tensor {
    return this.#packed ? this.#packed.unpack(this.#dtype) : this.weight
  }

  /** Whether `forward` is exactly x Wᵀ, plus the bias, with `weight` as W. */
  get isPlain(): boolean {
    return this.#packed === undefined && this.#multiply === undefined && this.#beside === undefined
  }

  /** Whether an adapter is attached (`adapt`). */
  get isAdapted(): boolean {
    return this.#beside !== undefined
  }

  /** Replaces y by `beside(x, y)` from now on, for x [..., inputs] and y [..., outputs]; undefined restores y. */
  adapt(beside: ((x: Tensor, y: Tensor) => Tensor) | undefined): void {
    this.#beside = beside
  }

  /** Stores `packed` instead of `weight`, and frees the latter. `weight` cannot be trained then. */
  pack(packed: PackedWeight): void {
    const shape = this.weight.shape
    this.weight.free()
    this.weight = torch.empty([...shape], { dtype: this.#dtype, device: 'meta' })
    this.#packed = packed
  }

  /** Restores the matrix; returns the packed weight, if any. */
  unpack(): PackedWeight | undefined {
    const packed = this.#packed
    if (!packed) return undefined
    this.weight.free()
    this.weight = packed.unpack(this.#dtype)
    this.#packed = undefined
    return packed
  }
}

/**
 * A vector for each id.
 *
 * @example
 * ```ts
 * import { Embedding } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const embedding = new Embedding(100, 16, 'float32') // ids, width
 * embedding.forward(torch.tensor([[1, 2, 3]], { dtype: 'int64' })).shape // → [ 1, 3, 16 ]
 * ```
 */
export class Embedding extends Module {
  readonly weight: Tensor

  constructor(count: number, width: number, dtype: DType) {
    super()
    this.weight = parameter([count, width], dtype)
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** Integer [...] to [..., width]. */
  forward(ids: Tensor): Tensor {
    return embedding(this.weight, ids)
  }
}

/**
 * Root mean square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467): x / sqrt(mean(x²) + eps) · weight.
 *
 * @example
 * ```ts
 * import { RmsNorm } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const norm = new RmsNorm(16, 1e-5, 'float32')
 * norm.forward(torch.randn([2, 5, 16])).shape // → [ 2, 5, 16 ]
 * ```
 */
export class RmsNorm extends Module {
  readonly weight: Tensor
  readonly #eps: number
  #compute: ((x: Tensor, weight: Tensor, eps: number) => Tensor) | undefined

  constructor(width: number, eps: number, dtype: DType) {
    super()
    this.weight = parameter([width], dtype)
    this.#eps = eps
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** Uses `compute` for fp32 on the CPU from now on. */
  computeWith(compute: ((x: Tensor, weight: Tensor, eps: number) => Tensor) | undefined): void {
    this.#compute = compute
  }

  /** [..., width] to the same; the mean is taken in fp32 whatever the dtype. */
  forward(x: Tensor): Tensor {
    const compute = this.#compute && isPlainFloat(x) && isPlainFloat(this.weight) ? this.#compute : rmsNorm16
    const output = compute(x, this.weight, this.#eps)
    if (!isListenedTo()) return output
    const normalize = (input: Tensor): Tensor => torch.rmsNorm(input, this.weight.shape, { eps: this.#eps })
    return notify(output, { layer: 'norm', input: x, weight: this.weight, along: -1, normalize })
  }
}

/**
 * SwiGLU (Shazeer 2020, arXiv:2002.05202): silu(x Wgᵀ) · (x Wuᵀ), then down to the hidden width again.
 *
 * @example
 * ```ts
 * import { SwiGlu } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const mlp = new SwiGlu(16, 32, 'float32') // hidden and intermediate size
 * mlp.forward(torch.randn([2, 5, 16])).shape // → [ 2, 5, 16 ]
 * ```
 */
export class SwiGlu extends Module {
  readonly gateProj: Linear
  readonly upProj: Linear
  readonly downProj: Linear
  #mix: ((gate: Tensor, value: Tensor) => Tensor) | undefined

  constructor(hidden: number, intermediate: number, dtype: DType) {
    super()
    this.gateProj = new Linear(hidden, intermediate, dtype)
    this.upProj = new Linear(hidden, intermediate, dtype)
    this.downProj = new Linear(intermediate, hidden, dtype)
  }

  /** [..., hidden] to the same. */
  forward(x: Tensor): Tensor {
    return this.downProj.forward(this.mix(this.project(x)))
  }

  /** [..., hidden] to gates and values, each [..., intermediate]: the products of `forward` but for the last. */
  project(x: Tensor): readonly [Tensor, Tensor] {
    return [this.gateProj.forward(x), this.upProj.forward(x)]
  }

  /** The step of `forward` between its products: gated values [..., intermediate]. */
  mix([gate, value]: readonly [Tensor, Tensor]): Tensor {
    return this.#mix && isPlainFloat(gate) ? this.#mix(gate, value) : swiGlu16(gate, value)
  }

  /** Uses `mix` as the gate for fp32 on the CPU from now on. */
  mixWith(mix: ((gate: Tensor, value: Tensor) => Tensor) | undefined): void {
    this.#mix = mix
  }
}

/** What fused operators accept. */
const isPlainFloat = (x: Tensor): boolean => x.dtype === 'float32' && x.device === 'cpu'
