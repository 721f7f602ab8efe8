/** Applies a drawn augmentation to decoded pixels, on libvips' threads. */

import { type Augmentation, partOfImage } from './augmentation.ts'
import { colourMap, isNoChange } from './colour-map.ts'
import type { Size } from './fit-image.ts'
import { checkColour, loadSharp, openPixels, toPixels } from './load-sharp.ts'
import type { Pixels } from './pixels.ts'

export interface AugmentOptions extends Size {
  /** Fills the corners after a rotation: a CSS colour, white by default. */
  readonly background?: string
}

/**
 * Rotation, crop, resize to the size of the options (bicubic), mirror, colours. The pixels given stay as they are.
 *
 * @example
 * ```ts
 * import { augmentPixels, drawAugmentation } from '@hadal/images'
 *
 * const pixels = { data: new Uint8Array(8 * 8 * 3), width: 8, height: 8 } // RGB, row by row
 * const augmentation = drawAugmentation({ crop: { minArea: 0.5 }, flip: 0.5 }, 1, 0, 0)
 * const { width, height } = await augmentPixels(pixels, augmentation, { width: 4, height: 4 })
 * ;[width, height] // → [ 4, 4 ]
 * ```
 */
export async function augmentPixels(
  pixels: Pixels,
  augmentation: Augmentation,
  { width, height, background = '#ffffff' }: AugmentOptions,
): Promise<Pixels> {
  const sharp = await loadSharp()
  checkColour(sharp, background)
  const part = partOfImage(pixels, { width, height }, augmentation)
  const { rotation } = augmentation
  const upright =
    rotation === 0 ? pixels : await toPixels(openPixels(sharp, pixels).rotate(rotation, { background }))
  // Rotation enlarges the image equally on opposite sides.
  let image = openPixels(sharp, upright)
    .extract({
      ...part,
      left: part.left + Math.floor((upright.width - pixels.width) / 2),
      top: part.top + Math.floor((upright.height - pixels.height) / 2),
    })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .flop(augmentation.flip)
  if (!isNoChange(augmentation)) {
    const { matrix, offset } = colourMap(augmentation)
    image = image
      .recomb([[...matrix[0]], [...matrix[1]], [...matrix[2]]])
      .linear([1, 1, 1], [offset, offset, offset])
  }
  return await toPixels(image)
}
