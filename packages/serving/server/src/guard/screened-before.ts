/**
 * Cache of recently passed texts by digest: each turn repeats the conversation, and only new text needs screening. Entries expire, because
 * patterns may since have been added. Bounded, with LRU eviction.
 */

import { createHash } from 'node:crypto'
import type { Role } from '@hadal/guard'

const most = 16_384
const longestMillis = 5 * 60_000
/** Longer redacted texts are not cached. */
const longestKept = 16_384

export class ScreenedBefore {
  readonly #texts = new Map<string, LetThrough>()

  /** Includes the caller's key, because keys have their own policies. */
  digest(key: string, role: Role, text: string): string {
    // UTF-8 would map all lone surrogates to one character.
    const units = Buffer.from(text, 'utf16le')
    const hash = createHash('sha256')
    return hash
      .update(JSON.stringify([key, role]))
      .update(units)
      .digest('base64')
  }

  /** Undefined if unknown or passed under another policy. `now`: milliseconds of a monotonic clock. */
  find(digest: string, policy: object, now: number): Pick<LetThrough, 'instead'> | undefined {
    const known = this.#texts.get(digest)
    if (known === undefined) return undefined
    this.#texts.delete(digest)
    if (known.policy !== policy || now - known.at >= longestMillis) return undefined
    this.#texts.set(digest, known)
    return known
  }

  /** `policy`: the policy in effect when the text was screened. */
  add(digest: string, letThrough: LetThrough): void {
    if ((letThrough.instead?.length ?? 0) > longestKept) return
    this.#texts.set(digest, letThrough)
    if (this.#texts.size > most) this.#texts.delete(this.#texts.keys().next().value!)
  }
}

export interface LetThrough {
  /** The replacement, if text was redacted. */
  readonly instead: string | undefined
  readonly policy: object
  readonly at: number
}
