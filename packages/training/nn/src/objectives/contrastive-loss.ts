/**
 * Contrastive losses of images and captions: CLIP's over all pairs of a batch (Radford et al. 2021, arXiv:2103.00020) and SigLIP's
 * per pair (Zhai et al. 2023, arXiv:2303.15343). An image may have several captions in a batch.
 *
 * Shapes: i images, t texts, e embedding.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'
import { objectiveShapeMismatch } from './errors.ts'
import { checkOptions } from './summed-loss.ts'

export interface ContrastiveLossOptions {
  /** Multiplier of similarities: fp32 scalar. */
  readonly scale: Tensor
  /** Weight of text-to-image retrieval. Default: 0.5. */
  readonly textWeight?: number
  /** Weight of image-to-text retrieval. Default: 0.5. */
  readonly imageWeight?: number
  /** Image index of each text. Default: text i belongs to image i. */
  readonly imageOfText?: readonly number[] | undefined
}

export interface ContrastiveLoss {
  /** textWeight · text + imageWeight · image, fp32. */
  readonly loss: Tensor
  /** Cross entropy over images of each text's own, mean over texts. */
  readonly text: Tensor
  /** Cross entropy over texts of each image's own, which share its target evenly, mean over images that have any. */
  readonly image: Tensor
}

/**
 * Takes unit vectors [i, e] and [t, e] in any float dtype, computes in fp32. Throws `nn_objective_shape_mismatch` and
 * `nn_objective_option_invalid`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { contrastiveLoss } from '@hadal/nn'
 *
 * const images_ie = torch.eye(4) // four images, of length 1
 * const texts_te = torch.eye(4) // their captions
 * Number(contrastiveLoss(images_ie, texts_te, { scale: torch.tensor(100) }).loss.item()) < 1e-3 // → true
 * ```
 */
export function contrastiveLoss(
  images_ie: Tensor,
  texts_te: Tensor,
  { scale, textWeight = 0.5, imageWeight = 0.5, imageOfText }: ContrastiveLossOptions,
): ContrastiveLoss {
  checkOptions([
    ['textWeight', textWeight, Number.isFinite(textWeight) && textWeight >= 0, 'at least 0'],
    ['imageWeight', imageWeight, Number.isFinite(imageWeight) && imageWeight >= 0, 'at least 0'],
  ])
  const own = ownImages(images_ie, texts_te, imageOfText)
  return scope(() => {
    const similarities_it = images_ie.float().matmul(texts_te.float().t()).mul(scale)
    const own_t = torch.tensor(own, { dtype: 'int64', device: similarities_it.device })
    const text = torch.crossEntropyLoss(similarities_it.t(), own_t)
    // −log p of each text among all, weighted so that the texts of one image, and all images with texts, sum to 1.
    const ofText_t = torch.logSoftmax(similarities_it, 1).gather(0, own_t.unsqueeze(0)).squeeze(0)
    const image = ofText_t.mul(shares(own, similarities_it)).sum().neg()
    return { loss: text.mul(textWeight).add(image.mul(imageWeight)), text, image }
  })
}

/** 1 / (texts of its image · images with a text), fp32 [t]. */
function shares(own: readonly number[], like: Tensor): Tensor {
  const counts = new Map<number, number>()
  for (const image of own) counts.set(image, (counts.get(image) ?? 0) + 1)
  const values = Float32Array.from(own, (image) => 1 / (counts.get(image)! * counts.size))
  return torch.tensor(values, { device: like.device })
}

export interface SigmoidLossOptions extends Pick<ContrastiveLossOptions, 'scale' | 'imageOfText'> {
  /** Bias of similarities: fp32 scalar, initially −10. */
  readonly bias: Tensor
}

/**
 * −log σ(± (scale · similarity + bias)) summed over all pairs, + for matches, divided by the number of images: fp32 scalar. Takes
 * unit vectors [i, e] and [t, e] in any float dtype. Throws `nn_objective_shape_mismatch`.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { sigmoidLoss } from '@hadal/nn'
 *
 * const same = torch.eye(4)
 * const loss = sigmoidLoss(same, same, { scale: torch.tensor(10), bias: torch.tensor(-10) }) // SigLIP's
 * loss.shape // → []
 * ```
 */
export function sigmoidLoss(
  images_ie: Tensor,
  texts_te: Tensor,
  { scale, bias, imageOfText }: SigmoidLossOptions,
): Tensor {
  const own = ownImages(images_ie, texts_te, imageOfText)
  const [images, texts] = [images_ie.shape[0]!, own.length]
  return scope(() => {
    const logits_it = images_ie.float().matmul(texts_te.float().t()).mul(scale).add(bias)
    const signs = new Float32Array(images * texts).fill(-1)
    for (const [text, image] of own.entries()) signs[image * texts + text] = 1
    const signs_it = torch.tensor(signs, { shape: [images, texts], device: logits_it.device })
    return torch.logSigmoid(logits_it.mul(signs_it)).sum().div(-images)
  })
}

/** Checked; throws `nn_objective_shape_mismatch` and `nn_objective_option_invalid`. */
function ownImages(
  images_ie: Tensor,
  texts_te: Tensor,
  given: readonly number[] | undefined,
): readonly number[] {
  const [images, width] = images_ie.shape as [number, number]
  const texts = given?.length ?? images
  if (images_ie.ndim !== 2) throw objectiveShapeMismatch('images_ie', images_ie.shape, [images, width])
  if (String(texts_te.shape) !== String([texts, width]))
    throw objectiveShapeMismatch('texts_te', texts_te.shape, [texts, width])
  if (!given) return Array.from({ length: images }, (_, index) => index)
  checkOptions(
    given.map((image, text) => [
      `imageOfText[${text}]`,
      image,
      Number.isSafeInteger(image) && image >= 0 && image < images,
      `the index of one of ${images} images`,
    ]),
  )
  return given
}
