/**
 * Features of small grey images for a linear classifier: nothing is learned, and each image is scaled independently, so rows do not
 * affect each other.
 */

import { noGrad, scope, torch } from '@hadal/tensor'
import { scattering, scatteringChannels } from './scattering.ts'

/** Square images, row-major, one behind the other. */
export interface GreyImages {
  readonly pixels: Uint8Array
  /** Width and height. */
  readonly side: number
}

export interface ScatteringFeatures {
  /** Per image. */
  readonly width: number
  /** [images, width] */
  readonly values: Float32Array
}

/** Groups of neighbouring channels normalised together to mean 0 and variance 1, per image. */
const groups = 27

/** Images that are scattered at once: of 28 by 28 they take some 200 MB then. */
const atOnce = 250

/**
 * 81 channels at a quarter of the side. Takes a minute for 60,000 images of 28 by 28 on a core. Throws `nn_scattering_size`.
 *
 * @example
 * ```ts
 * import { scatteringFeatures } from '@hadal/nn'
 *
 * const { width, values } = scatteringFeatures({ pixels: new Uint8Array(28 * 28), side: 28 }) // one grey image
 * values.length === width // → true
 * ```
 */
export function scatteringFeatures({ pixels, side }: GreyImages): ScatteringFeatures {
  const count = pixels.length / side ** 2
  const width = scatteringChannels() * (side / 4) ** 2
  const values = new Float32Array(count * width)
  for (let start = 0; start < count; start += atOnce) {
    const end = Math.min(start + atOnce, count)
    const some = pixels.subarray(start * side ** 2, end * side ** 2)
    const features = noGrad(() =>
      scope(() => {
        const images = torch
          .tensor(some, { shape: [end - start, 1, side, side] })
          .float()
          .div(255)
        return torch.groupNorm(scattering(images), groups).toTypedArray()
      }),
    )
    values.set(features as Float32Array, start * width)
  }
  return { width, values }
}
