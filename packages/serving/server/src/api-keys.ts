/** API keys, as OpenAI's or Anthropic's clients send them, compared in constant time. Knows nothing of routes. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

/** The key a request carries; undefined without one. */
export function givenKey({ authorization, 'x-api-key': own }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? (own as string | undefined)
}

/** Tells clients apart by their keys, without holding a key. */
export const clientOf = (headers: IncomingHttpHeaders): string => {
  const key = givenKey(headers)
  return key === undefined ? '' : clientOfKey(key)
}

/** The client that a key is told apart as. */
export const clientOfKey = (key: string): string => digest(key).toString('base64')

const digests = new WeakMap<readonly string[], readonly Buffer[]>()

/** Whether a key is one of them. Every one is compared, so that the time says nothing of which came close. */
export function isOneOf(keys: readonly string[], key: string): boolean {
  if (keys.length === 0) return false
  let known = digests.get(keys)
  if (known === undefined) {
    known = keys.map(digest)
    digests.set(keys, known)
  }
  const given = digest(key)
  return known.filter((one) => timingSafeEqual(one, given)).length > 0
}
