/**
 * Keys as their holders have them, and what is kept of them. A key is 256 random bits, so its SHA-256 can be kept as it is: there
 * is nothing to guess that a slow hash or a salt would protect, unlike with passwords, and a digest can be looked up by index.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface NewKey {
  /** Shown once. */
  readonly secret: string
  readonly digest: string
  readonly prefix: string
}

const mark = 'hdl_'
/** Of these many characters it is recognised; what they leave open is far beyond guessing. */
const shownLength = 10

export function newKey(): NewKey {
  const secret = mark + randomBytes(32).toString('base64url')
  return { secret, digest: digestOf(secret), prefix: shownKey(secret) }
}

export function looksLikeKey(text: string): boolean {
  return /^hdl_[\w-]{43}$/.test(text)
}

/** In hexadecimal. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** As lists and messages show it. Of anything that is no key of ours nothing is shown: it may be a password. */
export function shownKey(secret: string): string {
  return looksLikeKey(secret) ? `${secret.slice(0, shownLength)}...` : 'given'
}

/** In constant time. */
export function sameDigest(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')]
  return one.length === other.length && timingSafeEqual(one, other)
}
