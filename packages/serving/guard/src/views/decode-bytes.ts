/** Bytes that came from anywhere, as a text that nothing after this stumbles over. */

const utf8 = new TextDecoder('utf-8')

/**
 * UTF-8; each byte that is none, as surrogates written as bytes are, becomes U+FFFD. A byte order mark is left out.
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
