/**
 * Decodes many images, a few at a time. The error of an image is returned alongside the others, so that it can be skipped, counted
 * and reported.
 */

import type { HadalError } from '@hadal/base'
import { isImageError } from './errors.ts'

/** Images under way at once: libvips has as many threads of Node's as this, and a large image takes hundreds of megabytes. */
const atOnce = 4

export type Decoded<T> = T | HadalError

/**
 * Decodes concurrently; an image that fails to decode is an error in its position.
 * @param decode decodes one source; errors that are not about one image are rethrown
 * @returns one result per source, in order: the decoded image or its error
 *
 * @example
 * ```ts
 * import { decodeAll, decodeImage } from '@hadal/images'
 * import { HadalError } from '@hadal/base'
 *
 * const decoded = await decodeAll(['a.jpg', 'b.png'], (path) => decodeImage(path, { width: 224, height: 224 }))
 * for (const one of decoded) if (one instanceof HadalError) console.warn(one.message)
 * ```
 */
export async function decodeAll<S, T>(
  sources: readonly S[],
  decode: (source: S, index: number) => Promise<T>,
): Promise<Decoded<T>[]> {
  const results: Decoded<T>[] = new Array(sources.length)
  let next = 0
  const work = async () => {
    while (next < sources.length) {
      const index = next++
      try {
        results[index] = await decode(sources[index]!, index)
      } catch (error) {
        if (isImageError(error)) {
          results[index] = error as HadalError
          continue
        }
        next = sources.length
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
