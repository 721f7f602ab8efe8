/**
 * Secret keys and their digests. A key is 256 random bits, so a plain SHA-256 is safe to store: unlike passwords, it needs no
 * slow hash or salt, and digests can be indexed.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface NewKey {
  /** Shown once. */
  readonly secret: string
  readonly digest: string
  readonly prefix: string
}

const mark = 'hdl_'
/** Characters that identify a key; the rest is far beyond guessing. */
const shownLength = 10

export function newKey(): NewKey {
  const secret = mark + randomBytes(32).toString('base64url')
  return { secret, digest: digestOf(secret), prefix: shownKey(secret) }
}

export function looksLikeKey(text: string): boolean {
  return /^hdl_[\w-]{43}$/.test(text)
}

/** Hexadecimal. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** For lists and messages. Nothing is shown of text that is not a key: it may be a password. */
export function shownKey(secret: string): string {
  return looksLikeKey(secret) ? `${secret.slice(0, shownLength)}...` : 'given'
}

/** In constant time. */
export function sameDigest(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')]
  return one.length === other.length && timingSafeEqual(one, other)
}
