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
/** Keys that are remembered; somebody may try many that are none. */
const remembered = 10_000

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
  /** By digest, the least lately used first. */
  readonly #known = new Map<string, { readonly key: StoredKey | undefined; readonly at: number }>()
  readonly #looking = new Map<string, Promise<StoredKey | undefined>>()

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
    const known = this.#known.get(digest)
    const age = this.#clock.now() - (known?.at ?? Number.NEGATIVE_INFINITY)
    if (age < freshMillis) return known!.key
    const isUsable = age < staleMillis && known!.key !== undefined
    if (isUsable && !this.#isUp()) return known!.key
    try {
      return await this.#ask(digest)
    } catch (cause) {
      if (isUsable) return known!.key
      throw accountsUnavailable().with({ cause, retryAfterSeconds: 1 })
    }
  }

  /** Once, however many wait for it. */
  #ask(digest: string): Promise<StoredKey | undefined> {
    const asked = this.#looking.get(digest)
    if (asked !== undefined) return asked
    const at = this.#clock.now()
    const looking = this.#find(digest)
      .then((key) => {
        this.#known.delete(digest)
        this.#known.set(digest, { key, at })
        for (const oldest of this.#known.keys()) {
          if (this.#known.size <= remembered) break
          this.#known.delete(oldest)
        }
        return key
      })
      .finally(() => this.#looking.delete(digest))
    this.#looking.set(digest, looking)
    return looking
  }
}
