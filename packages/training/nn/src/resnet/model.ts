/**
 * A residual network (He et al. 2015, arXiv:1512.03385) with torchvision's names, shapes and places of strides. Points hold
 * nothing: they say where activations may be quantised (../fake-quant/).
 *
 * Shapes: b batch, c channels, h height, w width, k classes.
 */

import { type DType, scope, type Tensor, torch } from '@hadal/tensor'
import { Conv2d } from '../convolution.ts'
import { invalidModelConfig } from '../errors.ts'
import { convNorm } from '../fake-quant/conv-norm.ts'
import { QuantPoint } from '../fake-quant/quant-point.ts'
import { Linear } from '../layers.ts'
import { Module } from '../module.ts'
import { BatchNorm2d } from '../normalization.ts'
import { BasicBlock, BottleneckBlock } from './blocks.ts'
import { type ResNetConfig, type ResNetStem, resNetBlocks, resNetWidth, stemOf } from './config.ts'
import { resNetIssues } from './issues.ts'
import { resNetFeatures } from './tensors.ts'

export type ResNetBlock = BasicBlock | BottleneckBlock

/**
 * A ResNet with torchvision's names of weights.
 *
 * @example
 * ```ts
 * import { ResNet, resNetConfig, setTraining } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new ResNet(resNetConfig(18, { input: { channels: 3, height: 32, width: 32 }, classes: 10, stem: { kernel: 3, stride: 1, pool: false } }))
 * setTraining(model, false)
 * model.forward(torch.zeros([1, 3, 32, 32])).shape // → [ 1, 10 ]
 * ```
 */
export class ResNet extends Module {
  readonly input: QuantPoint = new QuantPoint()
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  /** Before the maxima, which change no range. */
  readonly stemPoint: QuantPoint = new QuantPoint()
  readonly layer1: readonly ResNetBlock[]
  readonly layer2: readonly ResNetBlock[]
  readonly layer3: readonly ResNetBlock[]
  readonly layer4: readonly ResNetBlock[]
  readonly pooledPoint: QuantPoint = new QuantPoint()
  readonly fc: Linear
  readonly #config: ResNetConfig

  /** Allocates the parameters without filling them: `initializeResNet` does. Throws `nn_invalid_model_config`. */
  constructor(config: ResNetConfig, dtype: DType = 'float32') {
    super()
    const issues = resNetIssues(config)
    if (issues.length > 0) throw invalidModelConfig(issues)
    this.#config = config
    const { width = resNetWidth, input, classes } = config
    const { kernel, stride } = stemOf(config)
    const padding = (kernel - 1) / 2
    this.conv1 = new Conv2d(input.channels, width, kernel, dtype, { stride, padding, bias: false })
    this.bn1 = new BatchNorm2d(width, dtype)
    const Block = config.block === 'basic' ? BasicBlock : BottleneckBlock
    const blocks = [...resNetBlocks(config)].map((shape) => ({
      stage: shape.name[5]!,
      block: new Block(shape, dtype),
    }))
    const stage = (name: string): ResNetBlock[] =>
      blocks.filter((each) => each.stage === name).map(({ block }) => block)
    this.layer1 = stage('1')
    this.layer2 = stage('2')
    this.layer3 = stage('3')
    this.layer4 = stage('4')
    this.fc = new Linear(resNetFeatures(config), classes, dtype, true)
  }

  get config(): ResNetConfig {
    return this.#config
  }

  /** What comes before the blocks, written out. */
  get stem(): ResNetStem {
    return stemOf(this.#config)
  }

  /** In the order they compute in. */
  get blocks(): readonly ResNetBlock[] {
    return [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4]
  }

  /** Pixels [b, c, h, w] of the model's dtype, of any size, to logits [b, k]. */
  forward(pixels_bchw: Tensor): Tensor {
    let x_bchw = scope(() => this.#begin(pixels_bchw))
    for (const block of this.blocks) x_bchw = scope(() => block.forward(x_bchw))
    return this.fc.forward(this.pooledPoint.forward(x_bchw.mean([2, 3])))
  }

  #begin(pixels_bchw: Tensor): Tensor {
    const x_bchw = convNorm(this.conv1, this.bn1, this.input.forward(pixels_bchw))
    const first = this.stemPoint.forward(x_bchw.relu())
    return this.stem.pool ? torch.maxPool2d(first, 3, { stride: 2, padding: 1 }) : first
  }
}
