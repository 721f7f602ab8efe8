/**
 * Texts that were let through lately, by their digest: a conversation comes again with every turn, and only what is new is
 * screened. Not for long: what was let through may be a known attack by now. Bounded; those seen longest ago are forgotten first.
 */

import { createHash } from 'node:crypto'
import type { Role } from '@hadal/guard'

const most = 16_384
const longestMillis = 5 * 60_000
/** Longer ones that were redacted are screened again. */
const longestKept = 16_384

export class ScreenedBefore {
  readonly #texts = new Map<string, LetThrough>()

  /** Who asks counts, too: keys have policies of their own. */
  digest(key: string, role: Role, text: string): string {
    // In UTF-8 all lone surrogates would be the same.
    const units = Buffer.from(text, 'utf16le')
    const hash = createHash('sha256')
    return hash
      .update(JSON.stringify([key, role]))
      .update(units)
      .digest('base64')
  }

  /** Undefined where it is not known, or was let through by another policy. `now`: milliseconds of a monotonic clock. */
  find(digest: string, policy: object, now: number): Pick<LetThrough, 'instead'> | undefined {
    const known = this.#texts.get(digest)
    if (known === undefined) return undefined
    this.#texts.delete(digest)
    if (known.policy !== policy || now - known.at >= longestMillis) return undefined
    this.#texts.set(digest, known)
    return known
  }

  /** `policy`: the one that was asked, as it was before. */
  add(digest: string, letThrough: LetThrough): void {
    if ((letThrough.instead?.length ?? 0) > longestKept) return
    this.#texts.set(digest, letThrough)
    if (this.#texts.size > most) this.#texts.delete(this.#texts.keys().next().value!)
  }
}

export interface LetThrough {
  /** What to put in its place, where something was redacted. */
  readonly instead: string | undefined
  readonly policy: object
  readonly at: number
}
