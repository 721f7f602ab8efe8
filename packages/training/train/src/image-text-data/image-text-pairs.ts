/** Training data of a dual encoder: images loaded batch by batch, and their captions as token ids. */

import type { Draw } from '../image-data/image-batch.ts'

export interface ImageTextPairs {
  /** Width and height of the images that `load` gives. */
  readonly imageSize: number
  /** Captions of each image, one or more, as token ids for the text encoder, with begin and end tokens. */
  readonly captions: readonly (readonly (readonly number[])[])[]
  /** Padding token for shorter captions of a batch. */
  readonly padding: number
  /** Equal for data that give the same images: files, normalisation and augmentation. */
  readonly fingerprint: string
  /** Reported when a run begins: what was left out, and why. */
  readonly warning?: string | undefined
  /**
   * fp32 [images, 3, imageSize, imageSize], normalised. Deterministic in its arguments: without a `draw` images are unaugmented,
   * with equal draws the augmentation is equal.
   */
  load(images: readonly number[], draw: Draw | undefined): Float32Array | Promise<Float32Array>
}
