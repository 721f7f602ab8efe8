/** API keys, as OpenAI's or Anthropic's clients send them, compared in constant time. Knows nothing of routes. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { invalidApiKey } from './errors.ts'

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

/** A check of `Authorization: Bearer` or `x-api-key`: throws `invalid_api_key` unless it is one of the keys. */
export function apiKeyCheck(keys: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const known = keys.map(digest)
  return (headers) => {
    const key = givenKey(headers)
    if (key === undefined) throw invalidApiKey(false)
    const given = digest(key)
    // Every key is compared, so that the time says nothing of which one came close.
    const matches = known.filter((one) => timingSafeEqual(one, given))
    if (matches.length === 0) throw invalidApiKey(true)
  }
}
