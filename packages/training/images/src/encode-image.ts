/** Pixels to a small file, for pages that show them. */

import { loadSharp, openPixels } from './load-sharp.ts'
import type { Pixels } from './pixels.ts'

/**
 * A WebP. @param quality 1 to 100
 *
 * @example
 * ```ts
 * import { encodeWebp, findFormat } from '@hadal/images'
 *
 * const bytes = await encodeWebp({ data: new Uint8Array(4 * 4 * 3), width: 4, height: 4 })
 * findFormat(bytes) // → { format: 'webp' }
 * ```
 */
export async function encodeWebp(pixels: Pixels, quality = 80): Promise<Uint8Array> {
  const sharp = await loadSharp()
  return await openPixels(sharp, pixels).webp({ quality, effort: 4 }).toBuffer()
}
