/**
 * The two kinds of blocks that a residual network is made of: what they compute is added to the input, or to a convolution of it
 * where its shape changes.
 *
 * Shapes: b batch, c channels, h height, w width.
 */

import type { DType, Tensor } from '@hadal/tensor'
import { Conv2d } from '../convolution.ts'
import { convNorm } from '../fake-quant/conv-norm.ts'
import { QuantPoint } from '../fake-quant/quant-point.ts'
import { Module } from '../module.ts'
import { BatchNorm2d } from '../normalization.ts'
import type { ResNetBlockShape } from './config.ts'

/** A convolution without bias that keeps height and width but for its stride. */
const convolution = (inputs: number, outputs: number, kernel: number, stride: number, dtype: DType): Conv2d =>
  new Conv2d(inputs, outputs, kernel, dtype, { stride, padding: (kernel - 1) / 2, bias: false })

type Downsample = readonly [Conv2d, BatchNorm2d]

const downsampleOf = (
  { hasDownsample, inputs, outputs, stride }: ResNetBlockShape,
  dtype: DType,
): Downsample | undefined =>
  hasDownsample
    ? [convolution(inputs, outputs, 1, stride, dtype), new BatchNorm2d(outputs, dtype)]
    : undefined

/** A block's shortcut: [b, c, h, w] to the shape of the block's output. */
const past = (downsample: Downsample | undefined, point: QuantPoint | undefined, x_bchw: Tensor): Tensor =>
  downsample && point ? point.forward(convNorm(...downsample, x_bchw)) : x_bchw

/**
 * Two convolutions of 3 x 3.
 *
 * @internal
 */
export class BasicBlock extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  /** After the ReLU. */
  readonly point1: QuantPoint = new QuantPoint()
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  /** Before the sum. */
  readonly point2: QuantPoint = new QuantPoint()
  readonly downsample: Downsample | undefined
  readonly downsamplePoint: QuantPoint | undefined
  /** After the sum's ReLU. */
  readonly output: QuantPoint = new QuantPoint()

  constructor(shape: ResNetBlockShape, dtype: DType) {
    super()
    const { inputs, planes, stride } = shape
    this.conv1 = convolution(inputs, planes, 3, stride, dtype)
    this.bn1 = new BatchNorm2d(planes, dtype)
    this.conv2 = convolution(planes, planes, 3, 1, dtype)
    this.bn2 = new BatchNorm2d(planes, dtype)
    this.downsample = downsampleOf(shape, dtype)
    this.downsamplePoint = this.downsample && new QuantPoint()
  }

  forward(x_bchw: Tensor): Tensor {
    const first = this.point1.forward(convNorm(this.conv1, this.bn1, x_bchw).relu())
    const second = this.point2.forward(convNorm(this.conv2, this.bn2, first))
    return this.output.forward(second.add(past(this.downsample, this.downsamplePoint, x_bchw)).relu())
  }
}

/**
 * A convolution of 3 x 3, which strides, between one of 1 x 1 that narrows and one that widens.
 *
 * @internal
 */
export class BottleneckBlock extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  /** After the ReLU, as the next. */
  readonly point1: QuantPoint = new QuantPoint()
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly point2: QuantPoint = new QuantPoint()
  readonly conv3: Conv2d
  readonly bn3: BatchNorm2d
  /** Before the sum. */
  readonly point3: QuantPoint = new QuantPoint()
  readonly downsample: Downsample | undefined
  readonly downsamplePoint: QuantPoint | undefined
  /** After the sum's ReLU. */
  readonly output: QuantPoint = new QuantPoint()

  constructor(shape: ResNetBlockShape, dtype: DType) {
    super()
    const { inputs, planes, outputs, stride } = shape
    this.conv1 = convolution(inputs, planes, 1, 1, dtype)
    this.bn1 = new BatchNorm2d(planes, dtype)
    this.conv2 = convolution(planes, planes, 3, stride, dtype)
    this.bn2 = new BatchNorm2d(planes, dtype)
    this.conv3 = convolution(planes, outputs, 1, 1, dtype)
    this.bn3 = new BatchNorm2d(outputs, dtype)
    this.downsample = downsampleOf(shape, dtype)
    this.downsamplePoint = this.downsample && new QuantPoint()
  }

  forward(x_bchw: Tensor): Tensor {
    const first = this.point1.forward(convNorm(this.conv1, this.bn1, x_bchw).relu())
    const second = this.point2.forward(convNorm(this.conv2, this.bn2, first).relu())
    const third = this.point3.forward(convNorm(this.conv3, this.bn3, second))
    return this.output.forward(third.add(past(this.downsample, this.downsamplePoint, x_bchw)).relu())
  }
}
