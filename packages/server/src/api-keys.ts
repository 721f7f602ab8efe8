/** Bearer keys, compared in constant time. Knows nothing of routes. */

import { createHash, timingSafeEqual } from 'node:crypto'
import { invalidApiKey } from './errors.ts'

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()

/** A check of the `Authorization` header: throws `invalid_api_key` unless it carries one of the keys. */
export function apiKeyCheck(keys: readonly string[]): (authorization: string | undefined) => void {
  const known = keys.map(digest)
  return (authorization) => {
    const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (key === undefined) throw invalidApiKey(false)
    const given = digest(key)
    // Every key is compared, so that the time says nothing of which one came close.
    const matches = known.filter((one) => timingSafeEqual(one, given))
    if (matches.length === 0) throw invalidApiKey(true)
  }
}
