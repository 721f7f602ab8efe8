/** Resource limits of an image. Everything is checked before it is allocated. */

import { imageOptionInvalid } from './errors.ts'

export interface ImageLimits {
  /** Maximum size of the file. */
  readonly maxBytes: number
  /** Pixels by the header, or of a drawing as rendered. */
  readonly maxPixels: number
  readonly timeoutMs: number
}

/**
 * Cameras of today pass; a "decompression bomb" of gigabytes does not.
 *
 * @example
 * ```ts
 * import { defaultLimits } from '@hadal/images'
 *
 * defaultLimits.timeoutMs // → 10000
 * defaultLimits.maxBytes // → 33554432
 * ```
 */
export const defaultLimits: ImageLimits = {
  maxBytes: 32 * 2 ** 20,
  maxPixels: 64 * 2 ** 20,
  timeoutMs: 10_000,
}

/**
 * The limits with defaults. Throws image_option_invalid.
 *
 * @internal
 */
export function limitsOf(given: Partial<ImageLimits> = {}): ImageLimits {
  const limits = { ...defaultLimits, ...given }
  for (const [option, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw imageOptionInvalid(`limits.${option}`, value, 'a whole number of at least 1')
    }
  }
  return limits
}
