/** Looks up keys, with a cache of a few seconds, or longer while the database is unavailable. */

import type { Clock } from '@hadal/base'
import type { StoredKey } from './database/keys.ts'
import { accountsUnavailable, keyExpired, keyMissing, keyUnknown } from './errors.ts'
import type { KeyRecord } from './key-record.ts'
import { digestOf, looksLikeKey, sameDigest, shownKey } from './key-secret.ts'

/** How long a revoked key may still be accepted. */
const freshMillis = 5000
/** The same while the database is unavailable. */
const staleMillis = 10 * 60_000
/** Number of cached keys, and of cached unknown keys. */
const remembered = 10_000
/** Concurrent look-ups of unknown keys: a client that tries many must not monopolise the database. */
const strangersAtOnce = 2
const strangersWaiting = 200

export interface KeyDirectoryOptions {
  readonly find: (digest: string) => Promise<StoredKey | undefined>
  /** A query is worth its wait. */
  readonly isUp: () => boolean
  readonly clock: Clock
}

export class KeyDirectory {
  readonly #find: KeyDirectoryOptions['find']
  readonly #isUp: KeyDirectoryOptions['isUp']
  readonly #clock: Clock
  /** By digest, least recently used first. */
  readonly #known = new Map<string, { readonly key: StoredKey; readonly at: number }>()
  /** Digests of unknown keys, with their time. Separate, so that they do not evict real keys. */
  readonly #none = new Map<string, number>()
  readonly #looking = new Map<string, Promise<StoredKey | undefined>>()
  #strangers = 0
  readonly #waiting: (() => void)[] = []

  constructor({ find, isUp, clock }: KeyDirectoryOptions) {
    this.#find = find
    this.#isUp = isUp
    this.#clock = clock
  }

  async identify(secret: string | undefined): Promise<KeyRecord> {
    if (secret === undefined || secret === '') throw keyMissing()
    if (!looksLikeKey(secret)) throw keyUnknown(shownKey(secret))
    const digest = digestOf(secret)
    const key = await this.#lookUp(digest)
    if (key === undefined || !sameDigest(key.digest, digest) || key.record.revokedAt !== undefined)
      throw keyUnknown(shownKey(secret))
    const { record } = key
    if (record.expiresAt !== undefined && record.expiresAt <= this.#clock.wallClock())
      throw keyExpired(shownKey(secret), new Date(record.expiresAt).toISOString())
    return record
  }

  async #lookUp(digest: string): Promise<StoredKey | undefined> {
    const now = this.#clock.now()
    if (now - (this.#none.get(digest) ?? Number.NEGATIVE_INFINITY) < freshMillis) return undefined
    const known = this.#known.get(digest)
    const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.at
    if (known !== undefined && (age < freshMillis || (age < staleMillis && !this.#isUp()))) return known.key
    try {
      return await this.#ask(digest)
    } catch (cause) {
      if (known !== undefined && age < staleMillis) return known.key
      throw accountsUnavailable().with({ cause, retryAfterSeconds: 1 })
    }
  }

  /** Concurrent look-ups of one key share a query. */
  #ask(digest: string): Promise<StoredKey | undefined> {
    const requested = this.#looking.get(digest)
    if (requested !== undefined) return requested
    const at = this.#clock.now()
    const looking = (this.#known.has(digest) ? this.#find(digest) : this.#findStranger(digest))
      .then((key) => {
        this.#known.delete(digest)
        this.#none.delete(digest)
        if (key === undefined) remember(this.#none, digest, at)
        else remember(this.#known, digest, { key, at })
        return key
      })
      .finally(() => this.#looking.delete(digest))
    this.#looking.set(digest, looking)
    return looking
  }

  async #findStranger(digest: string): Promise<StoredKey | undefined> {
    if (this.#strangers >= strangersAtOnce) {
      if (this.#waiting.length >= strangersWaiting) throw new Error('too many unknown keys at once')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#strangers += 1
    try {
      return await this.#find(digest)
    } finally {
      // Passes the slot to the next waiter.
      const next = this.#waiting.shift()
      if (next === undefined) this.#strangers -= 1
      else next()
    }
  }
}

/** Inserts as the newest; evicts the oldest when full. */
function remember<T>(map: Map<string, T>, digest: string, value: T): void {
  map.set(digest, value)
  for (const oldest of map.keys()) {
    if (map.size <= remembered) break
    map.delete(oldest)
  }
}
