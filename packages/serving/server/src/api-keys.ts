/** API keys as sent by OpenAI or Anthropic clients, compared in constant time. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

/** The request's key; undefined if there is none. */
export function givenKey({ authorization, 'x-api-key': own }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? (own as string | undefined)
}

/** Identifies a client by a digest of its key, so that keys are not kept. */
export const clientOf = (headers: IncomingHttpHeaders): string => {
  const key = givenKey(headers)
  return key === undefined ? '' : clientOfKey(key)
}

/** The client identifier of a key. */
export const clientOfKey = (key: string): string => digest(key).toString('base64')

const digests = new WeakMap<readonly string[], readonly Buffer[]>()

/** Compares with every key, so that timing does not reveal partial matches. */
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
