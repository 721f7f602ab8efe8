/**
 * Texts that were let through lately, by their digest: a conversation comes again with every turn, and only what is new is
 * screened. Bounded; those seen longest ago are forgotten first.
 */

import { createHash } from 'node:crypto'
import type { Role } from '@hadal/guard'

const most = 16_384
/** Longer ones that were redacted are screened again. */
const longestKept = 16_384

export class ScreenedBefore {
  /** What to put in its place, where something was redacted. */
  readonly #texts = new Map<string, string | undefined>()

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

  /** Undefined where it is not known. */
  find(digest: string): { readonly instead: string | undefined } | undefined {
    if (!this.#texts.has(digest)) return undefined
    const instead = this.#texts.get(digest)
    this.#texts.delete(digest)
    this.#texts.set(digest, instead)
    return { instead }
  }

  add(digest: string, instead: string | undefined): void {
    if ((instead?.length ?? 0) > longestKept) return
    this.#texts.set(digest, instead)
    if (this.#texts.size > most) this.#texts.delete(this.#texts.keys().next().value!)
  }
}
