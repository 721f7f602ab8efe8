/**
 * An image, from its file or its bytes, to pixels of the size wanted: bytes -> format -> header -> limits -> pixels. Decoding runs
 * on libvips' threads.
 */

import { messageOf } from '@hadal/base'
import type { Sharp } from 'sharp'
import {
  imageFormatUnsupported,
  imageInvalid,
  imageOptionInvalid,
  imageTooManyPixels,
  imageTooSlow,
} from './errors.ts'
import { type Fit, fitImage, type Size } from './fit-image.ts'
import { findFormat, type ImageFormat } from './image-format.ts'
import { type ImageLimits, limitsOf } from './limits.ts'
import { checkColour, loadSharp, openPixels, toPixels } from './load-sharp.ts'
import type { Pixels } from './pixels.ts'
import { checkBytes, readImageFile } from './read-image-file.ts'
import { resizeBicubic } from './resize-bicubic.ts'

export interface DecodeOptions {
  readonly width: number
  readonly height: number
  /** Default `crop`. */
  readonly fit?: Fit
  /** Behind transparent pixels and in padding: a CSS colour, white by default. */
  readonly background?: string
  readonly limits?: Partial<ImageLimits>
  /** What errors call it; by default its path, or "given". */
  readonly name?: string
}

/**
 * An image of a file or of bytes as RGB pixels of the size that is wanted, within limits.
 * @param source a path, or the bytes of a file: PNG, JPEG, WebP, GIF (its first picture), AVIF or SVG, by content
 * @returns [height, width, 3], upright as a viewer shows it, sRGB, over the background
 * @throws image_not_found, image_unreadable, image_invalid, image_format_unsupported, image_too_many_bytes,
 *   image_too_many_pixels, image_too_slow (`isImageError`); image_option_invalid; images_unavailable
 *
 * @example
 * ```ts
 * import { decodeImage, encodeWebp } from '@hadal/images'
 *
 * const pixels = await encodeWebp({ data: new Uint8Array(2 * 2 * 3), width: 2, height: 2 })
 * const { width, data } = await decodeImage(pixels, { width: 4, height: 4, fit: 'stretch' })
 * data.length // → 48
 * ```
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions): Promise<Pixels> {
  checkSize(options)
  const limits = limitsOf(options.limits)
  const name = options.name ?? (typeof source === 'string' ? source : 'given')
  const bytes = typeof source === 'string' ? await readImageFile(source, limits.maxBytes, name) : source
  checkBytes(bytes.length, limits.maxBytes, name)
  const format = readableFormat(bytes, name)
  return await within(limits.timeoutMs, name, decodeBytes(bytes, format, name, options, limits))
}

async function decodeBytes(
  bytes: Uint8Array,
  format: ImageFormat,
  name: string,
  options: DecodeOptions,
  limits: ImageLimits,
): Promise<Pixels> {
  const { fit = 'crop', background = '#ffffff' } = options
  const sharp = await loadSharp()
  checkColour(sharp, background)
  try {
    const size = await readSize(sharp(bytes, { limitInputPixels: false }))
    const { resized, cut, border } = fitImage(size, options, fit)
    // A drawing has no pixels: it is rendered at the size it is resized to.
    const scale = format === 'svg' ? Math.max(resized.width / size.width, resized.height / size.height) : 1
    const density = Math.min(100_000, Math.max(1, 72 * scale))
    for (const { width, height } of [atScale(size, density / 72), resized]) {
      if (width * height > limits.maxPixels) throw imageTooManyPixels(name, width, height, limits.maxPixels)
    }
    const decoded = sharp(bytes, {
      density,
      limitInputPixels: limits.maxPixels,
      failOn: 'error',
      autoOrient: true,
    })
      .timeout({ seconds: Math.ceil(limits.timeoutMs / 1000) })
      .flatten({ background })
      .toColourspace('srgb')
    const isLarger = resized.width > size.width || resized.height > size.height
    const image =
      isLarger && format !== 'svg'
        ? openPixels(sharp, resizeBicubic(await toPixels(decoded), resized))
        : decoded.resize({ ...resized, fit: 'fill', kernel: 'cubic', fastShrinkOnLoad: false })
    return await toPixels(image.extract(cut).extend({ ...border, background }))
  } catch (error) {
    throw named(error, name, limits)
  }
}

/** The size as a viewer shows it: cameras lay pictures down and say so. */
async function readSize(image: Sharp): Promise<Size> {
  const { autoOrient } = await image.metadata()
  return autoOrient
}

const atScale = (size: Size, scale: number): Size => ({
  width: Math.ceil(size.width * scale),
  height: Math.ceil(size.height * scale),
})

function readableFormat(bytes: Uint8Array, name: string): ImageFormat {
  const found = findFormat(bytes)
  if (!found) throw imageInvalid(name, 'its content is of no format that is known')
  if ('other' in found) throw imageFormatUnsupported(name, found.other)
  return found.format
}

/** Maps libvips errors to this package's errors. */
function named(error: unknown, name: string, limits: ImageLimits): unknown {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return error
  const message = messageOf(error)
  if (/timeout: \d+%/.test(message)) return imageTooSlow(name, limits.timeoutMs).with({ cause: error })
  // One line per failed seek; the last one has the reason.
  return imageInvalid(name, message.trim().split('\n').at(-1)!).with({ cause: error })
}

/** Some decoders ignore libvips' timeout; they continue in their thread, and are not awaited. */
async function within(timeoutMs: number, name: string, work: Promise<Pixels>): Promise<Pixels> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(imageTooSlow(name, timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

function checkSize(options: DecodeOptions): void {
  for (const side of ['width', 'height'] as const) {
    const value = options[side]
    if (!Number.isSafeInteger(value) || value < 1 || value > 16_384) {
      throw imageOptionInvalid(side, value, 'a whole number from 1 to 16384')
    }
  }
}
