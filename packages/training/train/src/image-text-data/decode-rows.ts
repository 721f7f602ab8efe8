/** The images of captioned data, decoded: those that do not decode are left out, counted and named. Knows nothing of towers. */

import type { HadalError } from '@hadal/base'
import { decodeAll, isImageError } from '@hadal/images'
import type { CaptionedImage, ImageTextData, SkippedRow } from './image-text.ts'

export interface DecodedImageText<T> extends ImageTextData {
  /** Of each row its image. */
  readonly images: readonly T[]
}

/**
 * Images of rows, decoded side by side; rows of which none can be made are listed, not thrown.
 * @param decode how; what it throws that is not about one image ends all
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
