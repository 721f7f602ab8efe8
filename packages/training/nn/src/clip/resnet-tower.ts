/**
 * CLIP's ResNet image encoder (Radford et al. 2021, arXiv:2103.00020): three stem convolutions, average pooling before strides, and
 * attention pooling queried by the spatial average, including the projection. Field names are open_clip's.
 *
 * Shapes: b images, c channels, h height, w width, t places and their average before them, e embedding.
 */

import { attentionHeads, type DType, scope, type Tensor, torch } from '@hadal/tensor'
import { Conv2d } from '../convolution.ts'
import { Linear } from '../layers.ts'
import { Module } from '../module.ts'
import { BatchNorm2d } from '../normalization.ts'
import { parameter } from '../parameter.ts'
import { forEachRow } from '../per-sample/tell-layers.ts'
import { checkImages } from './check-images.ts'
import { type ClipResNetConfig, imageWidth } from './config.ts'
import { expansion, stages } from './stages.ts'

class Bottleneck extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly conv3: Conv2d
  readonly bn3: BatchNorm2d
  /** The shortcut: a convolution and its norm. */
  readonly downsample: readonly [Conv2d, BatchNorm2d] | undefined
  readonly #stride: number

  constructor(inputs: number, planes: number, stride: number, dtype: DType) {
    super()
    const outputs = planes * expansion
    this.#stride = stride
    this.conv1 = new Conv2d(inputs, planes, 1, dtype, { bias: false })
    this.bn1 = new BatchNorm2d(planes, dtype)
    this.conv2 = new Conv2d(planes, planes, 3, dtype, { padding: 1, bias: false })
    this.bn2 = new BatchNorm2d(planes, dtype)
    this.conv3 = new Conv2d(planes, outputs, 1, dtype, { bias: false })
    this.bn3 = new BatchNorm2d(outputs, dtype)
    this.downsample =
      stride > 1 || inputs !== outputs
        ? [new Conv2d(inputs, outputs, 1, dtype, { bias: false }), new BatchNorm2d(outputs, dtype)]
        : undefined
  }

  forward(x_bchw: Tensor): Tensor {
    const shrink = (x: Tensor): Tensor => (this.#stride > 1 ? torch.avgPool2d(x, this.#stride) : x)
    const first = this.bn1.forward(this.conv1.forward(x_bchw)).relu()
    const second = this.bn2.forward(this.conv2.forward(first)).relu()
    const third = this.bn3.forward(this.conv3.forward(shrink(second)))
    if (!this.downsample) return third.add(x_bchw).relu()
    const [conv, norm] = this.downsample
    return third.add(norm.forward(conv.forward(shrink(x_bchw)))).relu()
  }
}

class AttentionPool extends Module {
  readonly positionalEmbedding: Tensor
  readonly kProj: Linear
  readonly qProj: Linear
  readonly vProj: Linear
  readonly cProj: Linear
  readonly #heads: number

  constructor(config: ClipResNetConfig, outputs: number, dtype: DType) {
    super()
    const width = imageWidth(config)
    this.#heads = config.num_attention_heads
    this.positionalEmbedding = parameter([(config.image_size / 32) ** 2 + 1, width], dtype)
    this.kProj = new Linear(width, width, dtype, true)
    this.qProj = new Linear(width, width, dtype, true)
    this.vProj = new Linear(width, width, dtype, true)
    this.cProj = new Linear(width, outputs, dtype, true)
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** [b, c, h, w] to [b, e]. */
  forward(x_bchw: Tensor): Tensor {
    const places_btc = x_bchw.flatten(2).transpose(1, 2)
    const x_btc = torch
      .cat([places_btc.mean(1, true), places_btc], 1)
      .add(forEachRow(this.positionalEmbedding, x_bchw.shape[0]!))
    const heads = { heads: this.#heads }
    const y_bhte = torch.scaledDotProductAttention(
      attentionHeads(this.qProj.forward(x_btc.narrow(1, 0, 1)), heads),
      attentionHeads(this.kProj.forward(x_btc), heads),
      attentionHeads(this.vProj.forward(x_btc), heads),
    )
    return this.cProj.forward(y_bhte.transpose(1, 2).flatten(1).to(x_btc.dtype))
  }
}

export class ResNetTower extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly conv3: Conv2d
  readonly bn3: BatchNorm2d
  readonly layer1: readonly Bottleneck[]
  readonly layer2: readonly Bottleneck[]
  readonly layer3: readonly Bottleneck[]
  readonly layer4: readonly Bottleneck[]
  readonly attnpool: AttentionPool
  readonly #imageSize: number

  constructor(config: ClipResNetConfig, outputs: number, dtype: DType) {
    super()
    const { width, image_size } = config
    this.#imageSize = image_size
    this.conv1 = new Conv2d(3, width / 2, 3, dtype, { stride: 2, padding: 1, bias: false })
    this.bn1 = new BatchNorm2d(width / 2, dtype)
    this.conv2 = new Conv2d(width / 2, width / 2, 3, dtype, { padding: 1, bias: false })
    this.bn2 = new BatchNorm2d(width / 2, dtype)
    this.conv3 = new Conv2d(width / 2, width, 3, dtype, { padding: 1, bias: false })
    this.bn3 = new BatchNorm2d(width, dtype)
    let inputs = width
    const [layer1, layer2, layer3, layer4] = stages(config).map(({ blocks, planes, stride }) =>
      Array.from({ length: blocks }, (_, index) => {
        const block = new Bottleneck(inputs, planes, index === 0 ? stride : 1, dtype)
        inputs = planes * expansion
        return block
      }),
    )
    this.layer1 = layer1!
    this.layer2 = layer2!
    this.layer3 = layer3!
    this.layer4 = layer4!
    this.attnpool = new AttentionPool(config, outputs, dtype)
  }

  /** Normalised pixels [b, c, h, w] to [b, e]: projected, since the pooling does that. Throws `nn_images_misshapen`. */
  forward(pixels_bchw: Tensor): Tensor {
    checkImages(pixels_bchw, this.#imageSize)
    let x_bchw = scope(() => this.#begin(pixels_bchw))
    for (const block of [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4])
      x_bchw = scope(() => block.forward(x_bchw))
    return this.attnpool.forward(x_bchw)
  }

  #begin(pixels_bchw: Tensor): Tensor {
    const first = this.bn1.forward(this.conv1.forward(pixels_bchw.to(this.conv1.weight.dtype))).relu()
    const second = this.bn2.forward(this.conv2.forward(first)).relu()
    const third = this.bn3.forward(this.conv3.forward(second)).relu()
    return torch.avgPool2d(third, 2)
  }
}
