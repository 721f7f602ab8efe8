/**
 * Name and shape of every tensor of a residual network, and what its convolutions compute, from the configuration alone: files and
 * memory are judged before a tensor is made. Names are torchvision's. Needs no libtorch.
 */

import type { StateTensor } from '../checkpoint/wanted-tensors.ts'
import { expansionOf, type ResNetConfig, resNetBlocks, resNetWidth, stemOf } from './config.ts'

/** A convolution without bias, and the norm behind it. */
export interface ResNetConvolution {
  readonly name: string
  readonly norm: string
  readonly inputs: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
  /** Output height and width. */
  readonly size: readonly [height: number, width: number]
  /** Whether its output is added to the shortcut, without a ReLU before. */
  readonly isLast: boolean
}

/**
 * In the order of the model's own fields. The configuration is sound.
 *
 * @internal
 */
export function* resNetConvolutions(config: ResNetConfig): Generator<ResNetConvolution, void> {
  const { width = resNetWidth, input } = config
  const { kernel, stride, pool } = stemOf(config)
  let size = shrunk([input.height, input.width], stride)
  const stem = { inputs: input.channels, outputs: width, kernel, stride, size, isLast: false }
  yield { name: 'conv1', norm: 'bn1', ...stem }
  if (pool) size = shrunk(size, 2)
  for (const { name, inputs, planes, outputs, stride, hasDownsample } of resNetBlocks(config)) {
    const [before, after] = [size, shrunk(size, stride)]
    const named = (index: number) => ({ name: `${name}.conv${index}`, norm: `${name}.bn${index}` })
    if (config.block === 'basic') {
      const inner = { kernel: 3, outputs: planes, size: after }
      yield { ...named(1), ...inner, inputs, stride, isLast: false }
      yield { ...named(2), ...inner, inputs: planes, stride: 1, isLast: true }
    } else {
      const inner = { outputs: planes, isLast: false }
      yield { ...named(1), ...inner, inputs, kernel: 1, stride: 1, size: before }
      yield { ...named(2), ...inner, inputs: planes, kernel: 3, stride, size: after }
      yield { ...named(3), inputs: planes, outputs, kernel: 1, stride: 1, size: after, isLast: true }
    }
    if (hasDownsample) {
      const past = { inputs, outputs, kernel: 1, stride, size: after, isLast: true }
      yield { name: `${name}.downsample.0`, norm: `${name}.downsample.1`, ...past }
    }
    size = after
  }
}

/** Output size of convolutions and pools padded by half their odd kernel. */
const shrunk = (size: readonly [number, number], stride: number): readonly [number, number] => [
  Math.ceil(size[0] / stride),
  Math.ceil(size[1] / stride),
]

/** What the last block gives and the average over all places, channels. */
export const resNetFeatures = (config: ResNetConfig): number =>
  (config.width ?? resNetWidth) * 8 * expansionOf(config)

/**
 * Parameters and running statistics, in the order of the model's own `state()`.
 *
 * @internal
 */
export function* resNetTensors(config: ResNetConfig): Generator<StateTensor, void> {
  for (const { name, norm, inputs, outputs, kernel } of resNetConvolutions(config)) {
    yield { name: `${name}.weight`, shape: [outputs, inputs, kernel, kernel] }
    yield { name: `${norm}.weight`, shape: [outputs] }
    yield { name: `${norm}.bias`, shape: [outputs] }
    for (const each of ['running_mean', 'running_var'])
      yield { name: `${norm}.${each}`, shape: [outputs], isBuffer: true, alwaysFloat32: true }
  }
  const features = resNetFeatures(config)
  yield { name: 'fc.weight', shape: [config.classes, features] }
  yield { name: 'fc.bias', shape: [config.classes] }
}

/**
 * Operations of training on one image, forward and back: 6 for each weight and place that it is multiplied at.
 *
 * @internal
 */
export function resNetFlops(config: ResNetConfig): number {
  let products = config.classes * resNetFeatures(config)
  for (const { inputs, outputs, kernel, size } of resNetConvolutions(config))
    products += inputs * outputs * kernel ** 2 * size[0] * size[1]
  return 6 * products
}
