/**
 * Configuration of a classifier of images or features as a list of layers, its validation and layer shapes. Needs no libtorch.
 *
 * Shapes of one sample: [c, h, w] channels, height, width; [d] features.
 */

import type { StateTensor } from './checkpoint/wanted-tensors.ts'

export interface ImageClassifierConfig {
  readonly model_type: 'image_classifier'
  /** Pixels [channels, height, width], or features [features]. */
  readonly input:
    | { readonly channels: number; readonly height: number; readonly width: number }
    | { readonly features: number }
  /** In order; followed by a linear layer to the classes, which flattens its input. */
  readonly layers: readonly ClassifierLayer[]
  readonly classes: number
}

export type ClassifierLayer =
  | {
      readonly kind: 'conv'
      readonly channels: number
      /** Side of a square kernel. */
      readonly kernel: number
      /** Default 1. */
      readonly stride?: number
      /** Zeros on each side. Default 0. */
      readonly padding?: number
    }
  | { readonly kind: 'linear'; readonly width: number }
  | {
      readonly kind: 'max-pool' | 'average-pool'
      readonly kernel: number
      /** Default: the kernel. */
      readonly stride?: number
    }
  /** The mean of each channel: [c, h, w] to [c]. */
  | { readonly kind: 'global-average-pool' }
  | { readonly kind: 'group-norm'; readonly groups: number }
  /** Mixes the samples of a batch: not for private training. */
  | { readonly kind: 'batch-norm' }
  | { readonly kind: 'relu' | 'tanh' | 'gelu' }
  | { readonly kind: 'flatten' }

/** @internal */
export type ClassifierLayerKind = ClassifierLayer['kind']

/** `[c, h, w]` or `[d]`. */
export type SampleShape = readonly number[]

/**
 * Input shape of each layer, including the final one. The configuration must be valid.
 *
 * @internal
 */
export function shapesInto(config: ImageClassifierConfig): readonly SampleShape[] {
  let shape = inputShape(config)
  const shapes = [shape]
  for (const layer of config.layers) {
    shape = shapeAfter(layer, shape)
    shapes.push(shape)
  }
  return shapes
}

/** @internal */
export const inputShape = ({ input }: Pick<ImageClassifierConfig, 'input'>): SampleShape =>
  'features' in input ? [input.features] : [input.channels, input.height, input.width]

/** @internal */
export const numbersOf = (shape: SampleShape): number => shape.reduce((product, size) => product * size, 1)

function shapeAfter(layer: ClassifierLayer, shape: SampleShape): SampleShape {
  switch (layer.kind) {
    case 'conv': {
      const { channels, kernel, stride = 1, padding = 0 } = layer
      return [
        channels,
        ...shape.slice(1).map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1),
      ]
    }
    case 'linear':
      return [layer.width]
    case 'max-pool':
    case 'average-pool': {
      const { kernel, stride = kernel } = layer
      return [shape[0]!, ...shape.slice(1).map((size) => Math.floor((size - kernel) / stride) + 1)]
    }
    case 'global-average-pool':
      return [shape[0]!]
    case 'flatten':
      return [numbersOf(shape)]
    default:
      return shape
  }
}

/** Parameters and running statistics by name and shape, in the order of the model's own `state()`. */
export function* classifierTensors(config: ImageClassifierConfig): Generator<StateTensor, void> {
  const shapes = shapesInto(config)
  for (const [index, layer] of config.layers.entries()) {
    const shape = shapes[index]!
    const name = `layers.${index}`
    if (layer.kind === 'conv') {
      const { channels, kernel } = layer
      yield { name: `${name}.weight`, shape: [channels, shape[0]!, kernel, kernel] }
      yield { name: `${name}.bias`, shape: [channels] }
    } else if (layer.kind === 'linear') {
      yield { name: `${name}.weight`, shape: [layer.width, numbersOf(shape)] }
      yield { name: `${name}.bias`, shape: [layer.width] }
    } else if (layer.kind === 'group-norm' || layer.kind === 'batch-norm') {
      yield { name: `${name}.weight`, shape: [shape[0]!] }
      yield { name: `${name}.bias`, shape: [shape[0]!] }
      if (layer.kind === 'group-norm') continue
      for (const each of ['running_mean', 'running_var'])
        yield { name: `${name}.${each}`, shape: [shape[0]!], isBuffer: true, alwaysFloat32: true }
    }
  }
  yield { name: 'head.weight', shape: [config.classes, numbersOf(shapes.at(-1)!)] }
  yield { name: 'head.bias', shape: [config.classes] }
}

/**
 * Operations of training on one sample, forward and back: 6 for each weight and place that it is multiplied at.
 *
 * @internal
 */
export function classifierFlops(config: ImageClassifierConfig): number {
  const shapes = shapesInto(config)
  const products = config.layers.map((layer, index) => {
    if (layer.kind === 'linear') return layer.width * numbersOf(shapes[index]!)
    if (layer.kind !== 'conv') return 0
    return numbersOf(shapes[index + 1]!) * shapes[index]![0]! * layer.kernel ** 2
  })
  return 6 * products.reduce((sum, each) => sum + each, config.classes * numbersOf(shapes.at(-1)!))
}

/**
 * Returns every issue as a sentence that includes the value; empty if the classifier can be built.
 *
 * @internal
 */
export function classifierConfigIssues(config: ImageClassifierConfig): string[] {
  const { input, layers, classes } = config
  const issues: string[] = []
  const count = (name: string, value: unknown, least = 1): void => {
    if (!(Number.isSafeInteger(value) && (value as number) >= least))
      issues.push(`${name} is ${shown(value)}; it must be a whole number of at least ${least}`)
  }
  count('classes', classes, 2)
  if (typeof input !== 'object' || input === null)
    issues.push(`input is ${shown(input)}; it must be { channels, height, width } or { features }`)
  else for (const key of sizesOf(input)) count(`input.${key}`, input[key as keyof typeof input])
  if (!Array.isArray(layers)) issues.push(`layers is ${shown(layers)}; it must be a list of layers`)
  if (issues.length > 0) return issues
  let shape = inputShape(config)
  for (const [index, layer] of layers.entries()) {
    const own = layerIssues(layer, shape).map((issue) => `layers[${index}]${issue}`)
    // Later layers cannot be validated without a shape.
    if (own.length > 0) return own
    shape = shapeAfter(layer, shape)
    const empty = shape.some((size) => size < 1)
    if (empty)
      return [
        `layers[${index}] (${layer.kind}) leaves [${shape}] of each image; use a smaller kernel or stride`,
      ]
  }
  return issues
}

const sizesOf = (input: object): readonly string[] =>
  'features' in input ? ['features'] : ['channels', 'height', 'width']

/** Numeric settings of each kind of layer, and their minimum. */
const layerNumbers: Readonly<Record<ClassifierLayerKind, Readonly<Record<string, number>>>> = {
  conv: { channels: 1, kernel: 1, stride: 1, padding: 0 },
  linear: { width: 1 },
  'max-pool': { kernel: 1, stride: 1 },
  'average-pool': { kernel: 1, stride: 1 },
  'global-average-pool': {},
  'group-norm': { groups: 1 },
  'batch-norm': {},
  relu: {},
  tanh: {},
  gelu: {},
  flatten: {},
}

const optional: ReadonlySet<string> = new Set(['stride', 'padding'])
const ofImages: ReadonlySet<ClassifierLayerKind> = new Set([
  'conv',
  'max-pool',
  'average-pool',
  'global-average-pool',
  'batch-norm',
])

/** Each as the end of a sentence that begins with the layer's name. */
function layerIssues(layer: ClassifierLayer, shape: SampleShape): string[] {
  const { kind, ...rest } = (layer ?? {}) as { kind: ClassifierLayerKind } & Record<string, unknown>
  const known = Object.hasOwn(layerNumbers, String(kind)) ? layerNumbers[kind] : undefined
  if (!known) return [`.kind is ${shown(kind)}; it must be one of ${Object.keys(layerNumbers).join(', ')}`]
  const issues = Object.keys(rest)
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => `.${key} is unknown; ${kind} accepts ${Object.keys(known).join(', ') || 'no fields'}`)
  for (const [key, least] of Object.entries(known)) {
    const value = rest[key]
    if (value === undefined && optional.has(key)) continue
    if (!(Number.isSafeInteger(value) && (value as number) >= least))
      issues.push(`.${key} is ${shown(value)}; it must be a whole number of at least ${least}`)
  }
  if (issues.length > 0) return issues
  if (ofImages.has(kind) && shape.length !== 3)
    return [` (${kind}) expects images [channels, height, width], got [${shape}]`]
  if (layer.kind === 'group-norm' && shape[0]! % layer.groups !== 0)
    return [`.groups is ${layer.groups}; it must divide the ${shape[0]} input channels`]
  return []
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)
