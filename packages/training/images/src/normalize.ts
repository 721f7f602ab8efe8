/** Converts pixels to the input of image encoders. */

import { imageOptionInvalid } from './errors.ts'
import type { Pixels } from './pixels.ts'

export interface Normalization {
  /** By channel, of values from 0 to 1. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/**
 * The normalisation of OpenAI's CLIP and its successors.
 *
 * @example
 * ```ts
 * import { clipNormalization } from '@hadal/images'
 *
 * clipNormalization.mean.length // → 3
 * ```
 */
export const clipNormalization: Normalization = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}

/**
 * SigLIP: from -1 to 1.
 *
 * @example
 * ```ts
 * import { siglipNormalization } from '@hadal/images'
 *
 * siglipNormalization // → { mean: [ 0.5, 0.5, 0.5 ], std: [ 0.5, 0.5, 0.5 ] }
 * ```
 */
export const siglipNormalization: Normalization = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }

/**
 * Pixels as models take them: red, green and blue apart, normalised, image by image.
 * @param images of one size
 * @returns [images, 3, height, width], (x / 255 - mean) / std
 *
 * @example
 * ```ts
 * import { siglipNormalization, toPlanes } from '@hadal/images'
 *
 * const image = { data: new Uint8Array([255, 0, 127]), width: 1, height: 1 }
 * toPlanes([image], siglipNormalization) // → Float32Array(3) [ 1, -1, -0.003921568859368563 ]
 * ```
 */
export function toPlanes(images: readonly Pixels[], { mean, std }: Normalization): Float32Array {
  const [first] = images
  if (!first) return new Float32Array(0)
  const plane = first.width * first.height
  const planes = new Float32Array(images.length * 3 * plane)
  images.forEach(({ data, width, height }, image) => {
    if (width !== first.width || height !== first.height) {
      throw imageOptionInvalid('images', `${width} x ${height}`, `all of ${first.width} x ${first.height}`)
    }
    for (let channel = 0; channel < 3; channel++) {
      const scale = 1 / (255 * std[channel]!)
      const shift = -mean[channel]! / std[channel]!
      const start = (image * 3 + channel) * plane
      for (let at = 0; at < plane; at++) planes[start + at] = data[at * 3 + channel]! * scale + shift
    }
  })
  return planes
}
