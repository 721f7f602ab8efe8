/** The layers every decoder is built from. Weights start uninitialised: `initializeDecoder` or a checkpoint fills them. */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import { Module } from './module.ts'
import { parameter } from './parameter.ts'

/** y = x Wᵀ, plus a bias where asked for. */
export class Linear extends Module {
  readonly weight: Tensor
  readonly bias: Tensor | undefined
  #beside: ((x: Tensor) => Tensor) | undefined

  constructor(inputs: number, outputs: number, dtype: DType, bias = false) {
    super()
    this.weight = parameter([outputs, inputs], dtype)
    this.bias = bias ? parameter([outputs], dtype) : undefined
  }

  /** [..., inputs] to [..., outputs]. */
  forward(x: Tensor): Tensor {
    const y = torch.linear(x, this.weight, this.bias)
    return this.#beside ? y.add(this.#beside(x)) : y
  }

  /** Adds what `beside` makes of x [..., inputs] to every y from now on; without it nothing. */
  adapt(beside: ((x: Tensor) => Tensor) | undefined): void {
    this.#beside = beside
  }
}

export class Embedding extends Module {
  readonly weight: Tensor

  constructor(count: number, width: number, dtype: DType) {
    super()
    this.weight = parameter([count, width], dtype)
  }

  /** Integer [...] to [..., width]. */
  forward(ids: Tensor): Tensor {
    return torch.embedding(this.weight, ids)
  }
}

/** Root mean square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467): x / sqrt(mean(x²) + eps) · weight. */
export class RmsNorm extends Module {
  readonly weight: Tensor
  readonly #width: number
  readonly #eps: number

  constructor(width: number, eps: number, dtype: DType) {
    super()
    this.weight = parameter([width], dtype)
    this.#width = width
    this.#eps = eps
  }

  /** [..., width] to the same; the mean is taken in fp32 whatever the dtype. */
  forward(x: Tensor): Tensor {
    return torch.rmsNorm(x, [this.#width], this.weight, this.#eps)
  }
}

/** SwiGLU (Shazeer 2020, arXiv:2002.05202): silu(x Wgᵀ) · (x Wuᵀ), then down to the hidden width again. */
export class SwiGlu extends Module {
  readonly gateProj: Linear
  readonly upProj: Linear
  readonly downProj: Linear

  constructor(hidden: number, intermediate: number, dtype: DType) {
    super()
    this.gateProj = new Linear(hidden, intermediate, dtype)
    this.upProj = new Linear(hidden, intermediate, dtype)
    this.downProj = new Linear(intermediate, hidden, dtype)
  }

  /** [..., hidden] to the same. */
  forward(x: Tensor): Tensor {
    return this.downProj.forward(torch.silu(this.gateProj.forward(x)).mul(this.upProj.forward(x)))
  }
}
