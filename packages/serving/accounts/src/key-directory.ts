/**
 * Whose key is it? What the database said is remembered for a few seconds, and longer while the database is away. Knows nothing
 * of limits.
 */

import type { Clock } from '@hadal/base'
import type { StoredKey } from './database/keys.ts'
import { accountsUnavailable, keyExpired, keyMissing, keyUnknown } from './errors.ts'
import type { KeyRecord } from './key-record.ts'
import { digestOf, looksLikeKey, sameDigest, shownKey } from './key-secret.ts'

/** A revoked key may be let in for so long. */
const freshMillis = 5000
/** While the database is away: for so long after it last said so. */
const staleMillis = 10 * 60_000
/** Keys that are remembered, and as many that are none. */
const remembered = 10_000
/** Keys that were never seen are looked up so many at a time, lest whoever tries many keeps the database from all others. */
const strangersAtOnce = 2
const strangersWaiting = 200

export interface KeyDirectoryOptions {
  readonly find: (digest: string) => Promise<StoredKey | undefined>
  /** Asking is worth the wait. */
  readonly isUp: () => boolean
  readonly clock: Clock
}

export class KeyDirectory {
  readonly #find: KeyDirectoryOptions['find']
  readonly #isUp: KeyDirectoryOptions['isUp']
  readonly #clock: Clock
  /** By digest, those that were asked for longest ago first. */
  readonly #known = new Map<string, { readonly key: StoredKey; readonly at: number }>()
  /** Digests of no key, and when that was found. Apart, so that they push out no key. */
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

  /** Once, however many wait for it. */
  #ask(digest: string): Promise<StoredKey | undefined> {
    const asked = this.#looking.get(digest)
    if (asked !== undefined) return asked
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
      // Whoever waits gets the place.
      const next = this.#waiting.shift()
      if (next === undefined) this.#strangers -= 1
      else next()
    }
  }
}

/** The newest; the oldest is forgotten where there are many. */
function remember<T>(map: Map<string, T>, digest: string, value: T): void {
  map.set(digest, value)
  for (const oldest of map.keys()) {
    if (map.size <= remembered) break
    map.delete(oldest)
  }
}
