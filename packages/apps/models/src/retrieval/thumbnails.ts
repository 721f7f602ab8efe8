/** Small pictures for a page, as data URIs. Knows nothing of the page. */

import { decodeAll, decodeImage, encodeWebp, isImageError } from '@hadal/images'
import type { CaptionedImage } from '@hadal/train'

/** Twice what the page shows them at, for fine screens. */
const side = 160

/** @param images numbers of rows @returns by number; what does not decode any more is left out */
export async function thumbnailsOf(
  rows: readonly CaptionedImage[],
  images: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  const numbers = [...images]
  const made = await decodeAll(numbers, async (image) => {
    const pixels = await decodeImage(rows[image]!.image, { width: side, height: side, fit: 'pad' })
    return `data:image/webp;base64,${Buffer.from(await encodeWebp(pixels)).toString('base64')}`
  })
  return new Map(
    made.flatMap((address, index) =>
      isImageError(address) ? [] : [[numbers[index]!, address as string] as const],
    ),
  )
}
