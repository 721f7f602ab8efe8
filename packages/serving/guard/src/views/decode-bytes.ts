/** Decodes arbitrary bytes to well-formed text. */

const utf8 = new TextDecoder('utf-8')

/**
 * UTF-8; every invalid byte, such as those of encoded surrogates, becomes U+FFFD. A byte order mark is dropped.
 *
 * @example
 * ```ts
 * import { decodeBytes } from '@hadal/guard'
 *
 * decodeBytes(Buffer.from('héllo')) // → 'héllo'
 * ```
 */
export function decodeBytes(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}
