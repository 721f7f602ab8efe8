/** Pixels to a small file, for pages that show them. */

import { loadSharp, openPixels } from './load-sharp.ts'
import type { Pixels } from './pixels.ts'

/** A WebP. @param quality 1 to 100 */
export async function encodeWebp(pixels: Pixels, quality = 80): Promise<Uint8Array> {
  const sharp = await loadSharp()
  return await openPixels(sharp, pixels).webp({ quality, effort: 4 }).toBuffer()
}
