/**
 * A classifier of images or features from its configuration. Layers are named by position in the list (`layers.3.weight`), the last
 * one `head`. Quantisation points have no state: they mark where activations may be quantised (fake-quant/).
 *
 * Shapes: b batch, c channels, h height, w width, d features, k classes.
 */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import { Conv2d } from './convolution.ts'
import { invalidModelConfig } from './errors.ts'
import { convNorm } from './fake-quant/conv-norm.ts'
import { QuantPoint } from './fake-quant/quant-point.ts'
import {
  type ClassifierLayer,
  type ClassifierLayerKind,
  classifierConfigIssues,
  type ImageClassifierConfig,
  numbersOf,
  type SampleShape,
  shapesInto,
} from './image-classifier-config.ts'
import { Linear } from './layers.ts'
import { Module } from './module.ts'
import { BatchNorm2d, GroupNorm } from './normalization.ts'

interface Layer extends Module {
  forward(x: Tensor): Tensor
}

/**
 * A classifier of images or features as a list of layers.
 *
 * @example
 * ```ts
 * import { ImageClassifier, initializeLayers } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new ImageClassifier({
 *   model_type: 'image_classifier',
 *   input: { channels: 1, height: 28, width: 28 },
 *   layers: [{ kind: 'conv', channels: 8, kernel: 3, padding: 1 }, { kind: 'relu' }, { kind: 'max-pool', kernel: 2 }],
 *   classes: 10,
 * })
 * initializeLayers(model)
 * model.forward(torch.zeros([2, 1, 28, 28])).shape // → [ 2, 10 ]
 * ```
 */
export class ImageClassifier extends Module {
  readonly input: QuantPoint = new QuantPoint()
  readonly layers: readonly Layer[]
  /** Each is behind the layer of the same place; undefined where its range is that of a neighbour. */
  readonly points: readonly (QuantPoint | undefined)[]
  readonly head: Linear
  readonly #config: ImageClassifierConfig

  /** Allocates the parameters without filling them: `initializeLayers` does. Throws `nn_invalid_model_config`. */
  constructor(config: ImageClassifierConfig, dtype: DType = 'float32') {
    super()
    const issues = classifierConfigIssues(config)
    if (issues.length > 0) throw invalidModelConfig(issues)
    this.#config = config
    const shapes = shapesInto(config)
    this.layers = config.layers.map((layer, index) => layerOf(layer, shapes[index]!, dtype))
    this.points = config.layers.map(({ kind }, index) =>
      hasPoint(kind, config.layers[index + 1]?.kind) ? new QuantPoint() : undefined,
    )
    this.head = new Linear(numbersOf(shapes.at(-1)!), config.classes, dtype, true)
  }

  get config(): ImageClassifierConfig {
    return this.#config
  }

  /** Pixels [b, c, h, w] or features [b, d], of the model's dtype, to logits [b, k]. */
  forward(x: Tensor): Tensor {
    let at = this.input.forward(x)
    for (const [index, layer] of this.layers.entries()) {
      const before = this.layers[index - 1]
      if (before instanceof Conv2d && layer instanceof BatchNorm2d) continue
      const norm = this.layers[index + 1]
      const isFollowed = layer instanceof Conv2d && norm instanceof BatchNorm2d
      at = isFollowed ? convNorm(layer, norm, at) : layer.forward(at)
      at = this.points[isFollowed ? index + 1 : index]?.forward(at) ?? at
    }
    return this.head.forward(flat(at))
  }
}

/** None if the range does not change, or if the next layer is fused with this one. */
function hasPoint(kind: ClassifierLayerKind, next: ClassifierLayerKind | undefined): boolean {
  if (kind === 'max-pool' || kind === 'flatten' || next === 'relu') return false
  return !(kind === 'conv' && next === 'batch-norm')
}

const flat = (x: Tensor): Tensor => (x.ndim === 2 ? x : x.flatten(1))

/** A layer without parameters. */
class Plain extends Module {
  readonly #apply: (x: Tensor) => Tensor

  constructor(apply: (x: Tensor) => Tensor) {
    super()
    this.#apply = apply
  }

  forward(x: Tensor): Tensor {
    return this.#apply(x)
  }
}

class FlatLinear extends Linear {
  override forward(x: Tensor): Tensor {
    return super.forward(flat(x))
  }
}

/** PyTorch's default. */
const normEps = 1e-5

function layerOf(layer: ClassifierLayer, shape: SampleShape, dtype: DType): Layer {
  const channels = shape[0]!
  switch (layer.kind) {
    case 'conv': {
      const { kernel, stride = 1, padding = 0 } = layer
      return new Conv2d(channels, layer.channels, kernel, dtype, { stride, padding })
    }
    case 'linear':
      return new FlatLinear(numbersOf(shape), layer.width, dtype, true)
    case 'max-pool': {
      const { kernel, stride = kernel } = layer
      return new Plain((x) => torch.maxPool2d(x, kernel, { stride }))
    }
    case 'average-pool': {
      const { kernel, stride = kernel } = layer
      return new Plain((x) => torch.avgPool2d(x, kernel, { stride }))
    }
    case 'global-average-pool':
      return new Plain((x) => x.mean([2, 3]))
    case 'group-norm':
      return new GroupNorm(layer.groups, channels, normEps, dtype)
    case 'batch-norm':
      return new BatchNorm2d(channels, dtype)
    case 'relu':
      return new Plain((x) => x.relu())
    case 'tanh':
      return new Plain((x) => x.tanh())
    case 'gelu':
      return new Plain((x) => torch.gelu(x))
    case 'flatten':
      return new Plain(flat)
  }
}
