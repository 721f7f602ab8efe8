/**
 * Detects an image format by its magic bytes, before decoding, so that only supported formats reach a decoder, and errors can name
 * the actual format.
 */

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'avif' | 'svg'

/** A supported format, or a description of the bytes; undefined if unknown. */
export type FoundFormat = { readonly format: ImageFormat } | { readonly other: string } | undefined

/** What people have in place of an image, most often. */
const others: readonly (readonly [prefix: string, what: string])[] = [
  ['II*\0', 'a TIFF'],
  ['MM\0*', 'a TIFF'],
  ['BM', 'a BMP'],
  ['\0\0\x01\0', 'an icon (ICO)'],
  ['%PDF', 'a PDF'],
  ['8BPS', 'a Photoshop file'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b', 'a gzip file'],
  ['\xff\x0a', 'a JPEG XL'],
  ['\0\0\0\x0cJXL ', 'a JPEG XL'],
  ['version https://git-lfs', 'a pointer of Git LFS, not the file'],
]

/**
 * The format of a file, by its first bytes.
 * @example
 * ```ts
 * import { findFormat } from '@hadal/images'
 *
 * findFormat(Buffer.from('GIF89a')) // → { format: 'gif' }
 * ```
 */
export function findFormat(bytes: Uint8Array): FoundFormat {
  const begins = (text: string, at = 0) => latin1(bytes, at, at + text.length) === text
  if (begins('\x89PNG\r\n\x1a\n')) return { format: 'png' }
  if (begins('\xff\xd8\xff')) return { format: 'jpeg' }
  if (begins('RIFF') && begins('WEBP', 8)) return { format: 'webp' }
  if (begins('GIF87a') || begins('GIF89a')) return { format: 'gif' }
  if (begins('ftyp', 4)) return isAvif(bytes) ? { format: 'avif' } : { other: 'a HEIC image or a video' }
  const known = others.find(([prefix]) => begins(prefix))
  if (known) return { other: known[1] }
  return findMarkup(bytes)
}

/** An ISO base media file with an AVIF brand, major or compatible. */
function isAvif(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = Math.min(bytes.length, view.getUint32(0), 256)
  for (let at = 8; at + 4 <= end; at += 4) {
    if (at !== 12 && /^avi[fs]$/.test(latin1(bytes, at, at + 4))) return true
  }
  return false
}

/** Drawings and web pages: the first tag that is no declaration, comment or instruction. */
function findMarkup(bytes: Uint8Array): FoundFormat {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const text = new TextDecoder(isWide ? (bytes[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(
    bytes.subarray(0, 16_384),
  )
  let at = 0
  for (;;) {
    at = skipSpace(text, at)
    if (text.startsWith('<?', at)) at = after(text, '?>', at)
    else if (text.startsWith('<!--', at)) at = after(text, '-->', at)
    else if (/^<!doctype\s+svg/i.test(text.slice(at, at + 40))) at = afterDoctype(text, at)
    else break
  }
  if (/^<([\w-]+:)?svg[\s/>]/.test(text.slice(at, at + 80))) return { format: 'svg' }
  if (/^<(!doctype\s+html|html|head|body)/i.test(text.slice(at, at + 20))) return { other: 'a web page' }
  if (text.startsWith('<', at)) return { other: 'XML, but no SVG' }
  return undefined
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at]!)) at++
  return at
}

function after(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at)
  return found < 0 ? text.length : found + mark.length
}

/** A document type may contain declarations in brackets. */
function afterDoctype(text: string, at: number): number {
  const bracket = text.indexOf('[', at)
  const close = text.indexOf('>', at)
  return bracket >= 0 && bracket < close ? after(text, '>', after(text, ']', bracket)) : after(text, '>', at)
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}
