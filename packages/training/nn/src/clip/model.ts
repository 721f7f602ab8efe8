/**
 * A dual encoder: images and captions as unit vectors in one space, close to each other if they match. Field names match the
 * parameter names of a Hugging Face checkpoint.
 *
 * Shapes: b batch, c channels, h height, w width, t tokens, e embedding.
 */

import { type DType, noGrad, type Tensor, torch } from '@hadal/tensor'
import { invalidModelConfig } from '../errors.ts'
import { Linear } from '../layers.ts'
import { Module } from '../module.ts'
import { parameter } from '../parameter.ts'
import { type RunParts, runAtOnce } from '../tape/layer-part.ts'
import { type ClipConfig, clipConfigIssues, hasBias, isResNetTower } from './config.ts'
import { ResNetTower } from './resnet-tower.ts'
import { TextTower } from './text-tower.ts'
import { VitTower } from './vit-tower.ts'

/**
 * Similarities are multiplied with no more than 100 (Radford et al. 2021, section 2.5).
 *
 * @internal
 */
export const largestLogitScale: number = Math.log(100)

/**
 * Two encoders that map texts and images into one space (https://arxiv.org/abs/2103.00020).
 *
 * @example
 * ```ts
 * import { loadClip } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const { model } = loadClip('models/clip-vit-base-patch32') // a folder of Hugging Face or open_clip
 * const images_ie = model.embedImages(torch.zeros([1, 3, 224, 224])) // [1, 512], of length 1
 * ```
 */
export class Clip extends Module {
  readonly textModel: TextTower
  readonly visionModel: VitTower | ResNetTower
  /** A ResNet's pooling already projects. */
  readonly visualProjection: Linear | undefined
  readonly textProjection: Linear
  /** Log scale of similarities: fp32 [], at any dtype of the rest. */
  readonly logitScale: Tensor
  /** Bias of similarities, for the sigmoid loss: fp32 []. */
  readonly logitBias: Tensor | undefined
  readonly #config: ClipConfig

  /** Allocates the parameters in `dtype` without filling them. Throws `nn_invalid_model_config` with every issue. */
  constructor(config: ClipConfig, dtype: DType = 'float32') {
    super()
    const issues = clipConfigIssues(config)
    if (issues.length > 0) throw invalidModelConfig(issues)
    this.#config = config
    const { text_config: text, vision_config: vision, projection_dim } = config
    this.textModel = new TextTower(text, dtype)
    if (isResNetTower(vision)) {
      this.visionModel = new ResNetTower(vision, projection_dim, dtype)
      this.visualProjection = undefined
    } else {
      this.visionModel = new VitTower(vision, dtype)
      this.visualProjection = new Linear(vision.hidden_size, projection_dim, dtype)
    }
    this.textProjection = new Linear(text.hidden_size, projection_dim, dtype)
    this.logitScale = parameter([], 'float32')
    this.logitBias = hasBias(config) ? parameter([], 'float32') : undefined
  }

  get config(): ClipConfig {
    return this.#config
  }

  /** Normalised pixels [b, c, h, w] to unit vectors, fp32 [b, e]. Throws `nn_images_misshapen`. */
  embedImages(pixels_bchw: Tensor, runParts: RunParts = runAtOnce): Tensor {
    const x = this.visionModel.forward(pixels_bchw, runParts)
    return unit(this.visualProjection?.forward(x) ?? x)
  }

  /** Token ids [b, t] to unit vectors, fp32 [b, e]. Throws `nn_sequence_too_long`. */
  embedTexts(ids_bt: Tensor, runParts: RunParts = runAtOnce): Tensor {
    return unit(this.textProjection.forward(this.textModel.forward(ids_bt, runParts)))
  }

  /** Multiplier of similarities: fp32 [], from 1 to 100. */
  scale(): Tensor {
    return this.logitScale.clamp({ min: 0, max: largestLogitScale }).exp()
  }

  /** After a step: the logit scale back to where `scale` has a gradient. */
  clampLogitScale(): void {
    noGrad(() => this.logitScale.clamp_({ min: 0, max: largestLogitScale }))
  }
}

/**
 * A CLIP with weights yet to be set: `initializeClip` draws them.
 *
 * @example
 * ```ts
 * import { createClip, initializeClip, loadClip } from '@hadal/nn'
 *
 * const { plan } = loadClip('models/clip-vit-base-patch32')
 * const fresh = createClip(plan.config ?? loadClip('models/clip-vit-base-patch32').model.config)
 * initializeClip(fresh)
 * ```
 */
export const createClip = (config: ClipConfig, dtype: DType = 'float32'): Clip => new Clip(config, dtype)

function unit(x_be: Tensor): Tensor {
  const wide_be = x_be.float()
  return wide_be.div(torch.linalgVectorNorm(wide_be, { dim: [-1], keepdim: true }).clampMin(1e-12))
}
