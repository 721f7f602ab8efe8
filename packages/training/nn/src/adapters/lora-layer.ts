/**
 * A low-rank adapter of one frozen linear module. LoRA (Hu et al. 2021, arXiv:2106.09685) adds scale · B A to W. DoRA (Liu et al.
 * 2024, arXiv:2402.09353) gives each row of that sum a learnt length m: m · (W + scale · B A) / n, where the row norms n are
 * constants to the gradient (section 4.3 there).
 *
 * Shapes: i inputs, o outputs, r rank.
 */

import { type DType, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import type { Linear } from '../layers.ts'
import { parameter } from '../parameter.ts'
import { isListenedTo } from '../per-sample/layer-use.ts'
import { forEachRow, linear } from '../per-sample/tell-layers.ts'

export interface LoraLayerOptions {
  readonly rank: number
  readonly scale: number
  readonly dora: boolean
  readonly dropout: number
}

/**
 * The low-rank matrices of one linear layer.
 *
 * @example
 * ```ts
 * import { Linear, LoraLayer } from '@hadal/nn'
 *
 * const layer = new LoraLayer(new Linear(64, 32, 'float32'), { rank: 4, scale: 2, dora: false, dropout: 0 }, 'float32')
 * layer.weightDelta().shape // → [ 32, 64 ]
 * ```
 */
export class LoraLayer {
  readonly a_ri: Tensor
  readonly b_or: Tensor
  /** m; fp32 in any dtype. Only of DoRA. */
  readonly magnitude_o: Tensor | undefined
  readonly scale: number
  readonly dropout: number
  readonly #linear: Linear
  /** Squared lengths of the rows of W. */
  readonly #squares_o: Tensor | undefined

  /**
   * A is drawn from the global generator as in PEFT (uniform within ±1/√i) and B is zero, so outputs are unchanged at first. With
   * DoRA `linear` must have its weights already. Tensors belong to the caller's scope.
   */
  constructor(linear: Linear, { rank, scale, dora, dropout }: LoraLayerOptions, dtype: DType) {
    const [outputs, inputs] = linear.weight.shape as [number, number]
    this.#linear = linear
    this.scale = scale
    this.dropout = dropout
    this.a_ri = parameter([rank, inputs], dtype)
    this.b_or = parameter([outputs, rank], dtype)
    noGrad(() => {
      this.a_ri.uniform_(-1 / Math.sqrt(inputs), 1 / Math.sqrt(inputs))
      this.b_or.zero_()
    })
    if (!dora) return
    this.#squares_o = noGrad(() => scope(() => linear.matrix().float().square().sum(1)))
    this.magnitude_o = parameter([outputs], 'float32')
    noGrad(() => this.magnitude_o!.copy_(this.#squares_o!.sqrt()))
  }

  /**
   * The adapted output, replacing `y` [..., o], the frozen module's output for `x` [..., i]; `y` may be overwritten. Applies
   * dropout to `x` in training.
   */
  apply(x: Tensor, y: Tensor, training: boolean): Tensor {
    if (!this.magnitude_o) return y.add_(this.#product(this.#read(x, training)))
    if (this.#drops(training)) return y.add_(this.delta(x, y, training))
    const { bias } = this.#linear
    const sum = (bias ? y.sub(bias) : y).add_(this.#product(x)).mul(this.#stretch(y))
    return bias ? sum.add_(bias) : sum
  }

  /** The term that `apply` adds to `y`; does not modify `y`. */
  delta(x: Tensor, y: Tensor, training: boolean): Tensor {
    const read = this.#read(x, training)
    const low = this.#product(read)
    if (!this.magnitude_o) return low
    const stretch_o = this.#stretch(y)
    const { bias } = this.#linear
    // As in PEFT: dropout applies to everything DoRA changes.
    const frozen = this.#drops(training) ? this.#linear.product(read) : bias ? y.sub(bias) : y
    return frozen.mul(stretch_o.sub(1)).add(low.mul(stretch_o))
  }

  #drops(training: boolean): boolean {
    return training && this.dropout > 0
  }

  #read(x: Tensor, training: boolean): Tensor {
    return this.#drops(training) ? torch.dropout(x, this.dropout, true) : x
  }

  /** scale · B A x */
  #product(x: Tensor): Tensor {
    return linear(linear(x, this.a_ri).mul(this.scale), this.b_or)
  }

  /** m / n of each row of W, to multiply `y` with. */
  #stretch(y: Tensor): Tensor {
    return this.#magnitudeFor(y).div(this.#lengths()).to(y.dtype)
  }

  #magnitudeFor(y: Tensor): Tensor {
    if (!isListenedTo()) return this.magnitude_o!
    const [rows, ...sizes] = y.shape as [number, ...number[]]
    const [width] = sizes.splice(-1) as [number]
    return forEachRow(this.magnitude_o!, rows).reshape([rows, ...sizes.map(() => 1), width])
  }

  /**
   * Lengths of the rows of W + s B A, without computing that matrix: |w|² + 2 s w·(b A) + s² (b A)·(b A). Constants to the gradient.
   */
  #lengths(): Tensor {
    return noGrad(() =>
      scope(() => {
        const [a_ri, b_or] = [this.a_ri.float(), this.b_or.float()]
        const wa_or = torch.linear(this.a_ri, this.#linear.matrix()).float().t()
        const crossed_o = wa_or
          .mul(b_or)
          .sum(1)
          .mul(2 * this.scale)
        const own_o = b_or
          .matmul(a_ri.matmul(a_ri.t()))
          .mul(b_or)
          .sum(1)
          .mul(this.scale ** 2)
        return this.#squares_o!.add(crossed_o).add_(own_o).clampMin_(minSquare).sqrt_()
      }),
    )
  }

  /** fp32 [o, i]: the merge's change of W. */
  weightDelta(): Tensor {
    return noGrad(() =>
      scope(() => {
        const weight_oi = this.#linear.matrix().float()
        return mergedWeight(weight_oi, this.a_ri, this.b_or, this.scale, this.magnitude_o).sub_(weight_oi)
      }),
    )
  }

  /** By name suffix, as in PEFT's files. */
  parameters(): Map<string, Tensor> {
    const found = new Map([
      ['lora_A.weight', this.a_ri],
      ['lora_B.weight', this.b_or],
    ])
    if (this.magnitude_o) found.set('lora_magnitude_vector', this.magnitude_o)
    return found
  }
}

/** Rows shorter than its root have no direction to keep. */
const minSquare = 1e-24

/**
 * fp32 W + scale · B A, with row norms `magnitude_o` if given.
 *
 * @internal
 */
export function mergedWeight(
  weight_oi: Tensor,
  a_ri: Tensor,
  b_or: Tensor,
  scale: number,
  magnitude_o: Tensor | undefined,
): Tensor {
  return scope(() => {
    const sum_oi = weight_oi.float().add(b_or.float().matmul(a_ri.float()), { alpha: scale })
    if (!magnitude_o) return sum_oi
    const squares_o = sum_oi.square().sum(1).clampMin_(minSquare)
    return sum_oi.mul(magnitude_o.float().div(squares_o.sqrt()).unsqueeze(1))
  })
}
