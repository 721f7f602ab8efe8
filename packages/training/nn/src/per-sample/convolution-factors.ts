/**
 * Gradients of a convolution's weight as two factors: its inputs unfolded, a column for each place of the output.
 *
 * Shapes: b samples, n of them, r rows of each, c channels, h height, w width, g groups, t places (r · height · width of the output),
 * o outputs and i inputs (channels · kernel) of one group.
 */

import { op, scope, type Tensor, torch } from '@hadal/tensor'
import type { Factors } from './factors.ts'
import { beside, type Kept, wide } from './kept.ts'
import type { ConvolutionUse } from './layer-use.ts'

type Backward = (
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  biasSizes: null,
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  transposed: boolean,
  outputPadding: readonly number[],
  groups: number,
  wanted: readonly [input: boolean, weight: boolean, bias: boolean],
) => readonly [null, Tensor, null]

// Not among the public operators.
const convolutionBackward = op('convolution_backward') as unknown as Backward

/** Geometry of an image; a sequence is an image of height 1. */
interface Geometry {
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly padding: readonly [number, number]
  readonly dilation: readonly [number, number]
}

export class ConvolutionFactors implements Factors {
  readonly samples: number
  readonly groups: number
  readonly places: number
  readonly outputs: number
  readonly inputs: number
  readonly #dy: Kept
  readonly #x: Kept
  readonly #weight: Tensor
  readonly #geometry: Geometry

  /** [b, r, outputs, h, w] and [b, r, inputs, h, w], where sequences have a height of 1. */
  constructor(dy: Kept, x: Kept, { weight, groups, stride, padding, dilation }: ConvolutionUse) {
    const [b, r, channels, h, w] = dy.shape as [number, number, number, number, number]
    const kernel = weight.shape.slice(2)
    this.#dy = dy.hold()
    this.#x = x.hold()
    this.#weight = weight
    this.#geometry = {
      kernel: ofImage(kernel, 1),
      stride: ofImage(stride, 1),
      padding: ofImage(padding, 0),
      dilation: ofImage(dilation, 1),
    }
    this.samples = b
    this.groups = groups
    this.places = r * h * w
    this.outputs = channels / groups
    this.inputs = weight.shape.slice(1).reduce((product, size) => product * size, 1)
  }

  left(from: number, count: number): Tensor {
    return this.#byGroup(this.#dy.wide(from, count).flatten(3))
  }

  right(from: number, count: number): Tensor {
    return this.#byGroup(this.#unfolded(this.#x.wide(from, count).flatten(0, 1)).unflatten(0, [count, -1]))
  }

  /** What each place of the output reads: images [n, c, h, w] to [n, c · kernel, places]. A copy by strides is faster than im2col. */
  #unfolded(x: Tensor): Tensor {
    const { kernel, stride, padding, dilation } = this.#geometry
    const [height, width] = this.#dy.shape.slice(3) as [number, number]
    const padded = torch.constantPadNd(x, [padding[1], padding[1], padding[0], padding[0]]).contiguous()
    const [n, c, h, w] = padded.shape as [number, number, number, number]
    const steps = [c * h * w, h * w, dilation[0] * w, dilation[1], stride[0] * w, stride[1]]
    const places = padded.asStrided([n, c, ...kernel, height, width], steps)
    return places.reshape([n, c * kernel[0] * kernel[1], height * width])
  }

  /** [n, r, g · rows, places of one] to [n · g, t, rows]. */
  #byGroup(tensor: Tensor): Tensor {
    const [n, r, channels, places] = tensor.shape as [number, number, number, number]
    const { groups: g } = this
    const grouped = tensor.reshape([n, r, g, channels / g, places])
    if (r === 1) return grouped.flatten(0, 2).transpose(1, 2)
    return grouped.permute([0, 2, 1, 4, 3]).reshape([n * g, r * places, channels / g])
  }

  outerSquares(): Tensor {
    const [left, right] = [this.left(0, this.samples), this.right(0, this.samples)]
    const squares = (tensor: Tensor): Tensor => tensor.square().sum([1, 2])
    return squares(left).mul_(squares(right)).view([this.samples, -1]).sum(1)
  }

  sum(factors: Tensor): Tensor {
    const { kernel, stride, padding, dilation } = this.#geometry
    return scope(() => {
      const dy = this.#dy.wide()
      const scaled = dy.mul(beside(factors, dy)).flatten(0, 1)
      const x = this.#x.wide().flatten(0, 1)
      const weight = wide(this.#weight).view([this.groups * this.outputs, -1, ...kernel])
      const shape = [null, stride, padding, dilation, false, [0, 0], this.groups] as const
      return convolutionBackward(scaled, x, weight, ...shape, [false, true, false])[1]
    })
  }

  drop(mask: Tensor): void {
    this.#dy.drop(mask)
    this.#x.drop(mask)
  }

  free(): void {
    this.#dy.release()
    this.#x.release()
  }
}

const ofImage = (sizes: readonly number[], ofHeight: number): readonly [number, number] =>
  sizes.length === 1 ? [ofHeight, sizes[0]!] : [sizes[0]!, sizes[1]!]
