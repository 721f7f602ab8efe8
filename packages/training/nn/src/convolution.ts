/**
 * Convolutions over sequences and images, as cross-correlations. Weights start uninitialised: `initializeLayers` or a checkpoint
 * fills them.
 *
 * Shapes: b batch, c channels, t time, h height, w width, k kernel.
 */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import type { LayerQuantization } from './fake-quant/layer-quantization.ts'
import { Module } from './module.ts'
import { parameter } from './parameter.ts'
import { isListenedTo, notify } from './per-sample/layer-use.ts'

export interface ConvOptions<Size = number> {
  /** Default 1. */
  readonly stride?: Size
  /** Zeros on each side. Default 0. */
  readonly padding?: Size
  /** Default 1. */
  readonly dilation?: Size
  /** Number of independent channel groups; must divide both channel counts. Default 1. */
  readonly groups?: number
  /** Default true. */
  readonly bias?: boolean
}

/** One number for both, or height and width. */
export type Extent = number | readonly [height: number, width: number]

/**
 * A convolution over sequences, as libtorch's conv1d.
 *
 * @example
 * ```ts
 * import { Conv1d, initializeLayers } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const conv = new Conv1d(8, 16, 3, 'float32', { padding: 1 })
 * initializeLayers(conv)
 * conv.forward(torch.randn([2, 8, 20])).shape // → [ 2, 16, 20 ]
 * ```
 */
export class Conv1d extends Module {
  /** [outputs, inputs / groups, k] */
  readonly weight: Tensor
  readonly bias: Tensor | undefined
  readonly stride: number
  readonly padding: number
  readonly dilation: number
  readonly groups: number

  constructor(inputs: number, outputs: number, kernel: number, dtype: DType, options: ConvOptions = {}) {
    super()
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options
    this.weight = parameter([outputs, inputs / groups, kernel], dtype)
    this.bias = bias ? parameter([outputs], dtype) : undefined
    this.stride = stride
    this.padding = padding
    this.dilation = dilation
    this.groups = groups
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** [b, inputs, t] to [b, outputs, (t + 2 padding - dilation (k - 1) - 1) / stride + 1], rounded down. */
  forward(x_bct: Tensor): Tensor {
    const { weight, bias = null, stride, padding, dilation, groups } = this
    const output = torch.conv1d(x_bct, weight, { bias, stride, padding, dilation, groups })
    if (!isListenedTo()) return output
    const shape = { stride: [stride], padding: [padding], dilation: [dilation], groups }
    return notify(output, { layer: 'convolution', input: x_bct, weight, bias: this.bias, ...shape })
  }
}

/**
 * A convolution over images, as libtorch's conv2d.
 *
 * @example
 * ```ts
 * import { Conv2d, initializeLayers } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const conv = new Conv2d(3, 16, 3, 'float32', { stride: 2, padding: 1 })
 * initializeLayers(conv)
 * conv.forward(torch.randn([1, 3, 32, 32])).shape // → [ 1, 16, 16, 16 ]
 * ```
 */
export class Conv2d extends Module {
  /** [outputs, inputs / groups, k height, k width] */
  readonly weight: Tensor
  readonly bias: Tensor | undefined
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly dilation: readonly [number, number]
  readonly groups: number
  #quantization: LayerQuantization | undefined

  constructor(
    inputs: number,
    outputs: number,
    kernel: Extent,
    dtype: DType,
    options: ConvOptions<Extent> = {},
  ) {
    super()
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options
    this.weight = parameter([outputs, inputs / groups, ...both(kernel)], dtype)
    this.bias = bias ? parameter([outputs], dtype) : undefined
    this.stride = both(stride)
    this.padding = both(padding)
    this.dilation = both(dilation)
    this.groups = groups
  }

  override get tellsOfParameters(): boolean {
    return this.#quantization === undefined
  }

  /** Quantises its weight and input from now on; undefined switches it off. */
  quantizeWith(quantization: LayerQuantization | undefined): void {
    this.#quantization = quantization
  }

  get quantization(): LayerQuantization | undefined {
    return this.#quantization
  }

  /** [b, inputs, h, w] to [b, outputs, ..., ...], each size (size + 2 padding - dilation (k - 1) - 1) / stride + 1, rounded down. */
  forward(x_bchw: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this
    const quantization = this.#quantization
    if (quantization) return this.convolve(quantization.input(x_bchw), quantization.weight(weight), bias)
    const output = this.convolve(x_bchw, weight, bias)
    if (!isListenedTo()) return output
    const shape = { stride, padding, dilation, groups }
    return notify(output, { layer: 'convolution', input: x_bchw, weight, bias, ...shape })
  }

  /** `forward` with the given weight and optional bias. */
  convolve(x_bchw: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
    const { stride, padding, dilation, groups } = this
    return torch.conv2d(x_bchw, weight, { bias: bias ?? null, stride, padding, dilation, groups })
  }
}

const both = (extent: Extent): readonly [number, number] =>
  typeof extent === 'number' ? [extent, extent] : extent
