/** The form in which a run of two towers takes its data: images that are loaded batch by batch, and their captions as token ids. */

import type { Draw } from '../image-data/image-batch.ts'

export interface ImageTextPairs {
  /** Width and height of the images that `load` gives. */
  readonly imageSize: number
  /** Of each image its captions, one or more, as the text tower reads them: begun and ended. */
  readonly captions: readonly (readonly (readonly number[])[])[]
  /** What shorter captions of a batch are filled up with. */
  readonly padding: number
  /** Equal for data that give the same images: what they are, how they are normalised and how they vary. */
  readonly fingerprint: string
  /** Told when a run begins: what was left out, and why. */
  readonly warning?: string | undefined
  /**
   * fp32 [images, 3, imageSize, imageSize], normalised. A function of its arguments alone: without a `draw` images are as they are,
   * with an equal one they vary alike.
   */
  load(images: readonly number[], draw: Draw | undefined): Float32Array | Promise<Float32Array>
}
