/** Validates the input shape of an image encoder. */

import type { Tensor } from '@hadal/tensor'
import { imagesMisshapen } from './errors.ts'

/** Throws `nn_images_misshapen` unless the shape is [b, 3, size, size]. */
export function checkImages({ shape }: Tensor, size: number): void {
  const [, ...image] = shape
  if (shape.length !== 4 || String(image) !== String([3, size, size])) throw imagesMisshapen(shape, size)
}
