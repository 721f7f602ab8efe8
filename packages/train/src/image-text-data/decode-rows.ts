/** The images of captioned data, decoded: those that do not decode are left out, counted and named. Knows nothing of towers. */

import type { HadalError } from '@hadal/base'
import { decodeAll, isImageError, type Pixels } from '@hadal/images'
import type { CaptionedImage, ImageTextData, SkippedRow } from './image-text.ts'

export interface DecodedImageText extends ImageTextData {
  /** Of each row its image. */
  readonly images: readonly Pixels[]
}

/** @param decode how; what it throws that is not about one image ends all */
export async function decodeRows(
  { rows, skipped }: ImageTextData,
  decode: (row: CaptionedImage) => Promise<Pixels>,
): Promise<DecodedImageText> {
  const results = await decodeAll(rows, decode)
  const kept: CaptionedImage[] = []
  const images: Pixels[] = []
  const failed: SkippedRow[] = []
  results.forEach((result, index) => {
    const row = rows[index]!
    if (isImageError(result)) {
      const { code, message } = result as HadalError
      const kind = code === 'image_not_found' ? 'no image' : 'not decoded'
      failed.push({ place: row.place, kind, reason: message })
    } else {
      kept.push(row)
      images.push(result as Pixels)
    }
  })
  return { rows: kept, images, skipped: [...skipped, ...failed] }
}
