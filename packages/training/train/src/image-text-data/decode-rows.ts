/** Decodes the images of captioned data; images that fail to decode are left out, counted and reported. */

import type { HadalError } from '@hadal/base'
import { decodeAll, isImageError } from '@hadal/images'
import type { CaptionedImage, ImageTextData, SkippedRow } from './image-text.ts'

export interface DecodedImageText<T> extends ImageTextData {
  /** The image of each row. */
  readonly images: readonly T[]
}

/**
 * Images of rows, decoded side by side; rows of which none can be made are listed, not thrown.
 * @param decode decodes one image; errors that are not about one image are rethrown
 *
 * @example
 * ```ts
 * import { decodeRows, readImageText } from '@hadal/train'
 * import { decodeImage } from '@hadal/images'
 *
 * const data = readImageText('pairs.jsonl')
 * const { rows, images, skipped } = await decodeRows(data, ({ image }) => decodeImage(image, { width: 224, height: 224 }))
 * console.log(rows.length, images.length, skipped.length)
 * ```
 */
export async function decodeRows<T>(
  { rows, skipped }: ImageTextData,
  decode: (row: CaptionedImage) => Promise<T>,
): Promise<DecodedImageText<T>> {
  const results = await decodeAll(rows, decode)
  const kept: CaptionedImage[] = []
  const images: T[] = []
  const failed: SkippedRow[] = []
  results.forEach((result, index) => {
    const row = rows[index]!
    if (isImageError(result)) {
      const { code, message } = result as HadalError
      const kind = code === 'image_not_found' ? 'no image' : 'not decoded'
      failed.push({ place: row.place, kind, reason: message })
    } else {
      kept.push(row)
      images.push(result as T)
    }
  })
  return { rows: kept, images, skipped: [...skipped, ...failed] }
}
