/**
 * The image encoder as a vision transformer (Dosovitskiy et al. 2020, arXiv:2010.11929): patches and a class token through a
 * transformer. Field names are Hugging Face's, including a misspelt one.
 *
 * Shapes: b images, c channels, h height, w width, n patches, d hidden.
 */

import { type DType, type Tensor, torch } from '@hadal/tensor'
import { Conv2d } from '../convolution.ts'
import { Embedding } from '../layers.ts'
import { Module } from '../module.ts'
import { LayerNorm } from '../normalization.ts'
import { parameter } from '../parameter.ts'
import { forEachRow } from '../per-sample/tell-layers.ts'
import { type RunParts, runAtOnce } from '../tape/layer-part.ts'
import { checkImages } from './check-images.ts'
import type { ClipVitConfig } from './config.ts'
import { Encoder } from './encoder.ts'

class PatchEmbeddings extends Module {
  readonly classEmbedding: Tensor
  readonly patchEmbedding: Conv2d
  readonly positionEmbedding: Embedding

  constructor({ hidden_size: d, patch_size, image_size }: ClipVitConfig, dtype: DType) {
    super()
    this.classEmbedding = parameter([d], dtype)
    this.patchEmbedding = new Conv2d(3, d, patch_size, dtype, { stride: patch_size, bias: false })
    this.positionEmbedding = new Embedding((image_size / patch_size) ** 2 + 1, d, dtype)
  }

  override get tellsOfParameters(): boolean {
    return true
  }

  /** [b, c, h, w] to [b, 1 + n, d]. */
  forward(pixels_bchw: Tensor): Tensor {
    const { classEmbedding, patchEmbedding, positionEmbedding } = this
    const patches_bnd = patchEmbedding
      .forward(pixels_bchw.to(classEmbedding.dtype))
      .flatten(2)
      .transpose(1, 2)
    const [b, n] = patches_bnd.shape as [number, number, number]
    const places_t = torch.arange(1 + n, { dtype: 'int64', device: pixels_bchw.device })
    return torch
      .cat([forEachRow(classEmbedding, b).unsqueeze(1), patches_bnd], 1)
      .add(positionEmbedding.forward(places_t.expand([b, 1 + n])))
  }
}

export class VitTower extends Module {
  readonly embeddings: PatchEmbeddings
  readonly preLayrnorm: LayerNorm | undefined
  readonly encoder: Encoder
  readonly postLayernorm: LayerNorm
  readonly #config: ClipVitConfig

  constructor(config: ClipVitConfig, dtype: DType) {
    super()
    const { hidden_size, layer_norm_eps, pre_norm = true } = config
    this.#config = config
    this.embeddings = new PatchEmbeddings(config, dtype)
    this.preLayrnorm = pre_norm ? new LayerNorm(hidden_size, layer_norm_eps, dtype) : undefined
    this.encoder = new Encoder(config, false, dtype)
    this.postLayernorm = new LayerNorm(hidden_size, layer_norm_eps, dtype)
  }

  /** Normalised pixels [b, c, h, w] to [b, d], not projected. Throws `nn_images_misshapen`. */
  forward(pixels_bchw: Tensor, runParts: RunParts = runAtOnce): Tensor {
    const { image_size, pooling = 'class', norm_after_pooling = false } = this.#config
    checkImages(pixels_bchw, image_size)
    const embedded_btd = this.embeddings.forward(pixels_bchw)
    const x_btd = this.encoder.forward(this.preLayrnorm?.forward(embedded_btd) ?? embedded_btd, runParts)
    if (pooling === 'class') return this.postLayernorm.forward(x_btd.select(1, 0))
    const patches_bnd = x_btd.narrow(1, 1, x_btd.shape[1]! - 1)
    return norm_after_pooling
      ? this.postLayernorm.forward(patches_bnd.mean(1))
      : this.postLayernorm.forward(patches_bnd).mean(1)
  }
}
