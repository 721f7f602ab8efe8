/**
 * Follows a sequence through its reasoning, by the texts that open and close it, wherever tokens cut them; and says when
 * the reasoning has had its tokens. What was read is a value: a token can be tried and dropped. Pure.
 */

import type { ThinkingLimit } from '../../engine.ts'
import { ByteFinder } from '../../text/byte-finder.ts'

export interface Reasoning {
  readonly phase: 'before' | 'inside' | 'after'
  /** The last bytes, which may begin what is looked for. */
  readonly tail: Uint8Array
  /** Of the reasoning so far. */
  readonly tokens: number
  /** Bytes of a character that are still to come. */
  readonly missing: number
}

export class ReasoningWatch {
  readonly begin: Reasoning
  readonly #budget: number
  readonly #start: ByteFinder
  readonly #end: ByteFinder

  constructor({ budget, start, end }: ThinkingLimit) {
    this.#budget = budget
    this.#start = new ByteFinder([start])
    this.#end = new ByteFinder([end])
    this.begin = {
      phase: start === '' ? 'inside' : 'before',
      tail: this.#start.begin.tail,
      tokens: 0,
      missing: 0,
    }
  }

  /** One more token, and those of its bytes (the text that closes the reasoning among them) that are no reasoning. */
  read(reasoning: Reasoning, bytes: Uint8Array): { next: Reasoning; outside: Uint8Array } {
    const missing = missingBytes(reasoning.missing, bytes)
    if (reasoning.phase === 'after') return { next: { ...reasoning, missing }, outside: bytes }
    if (reasoning.phase === 'before') {
      const found = this.#start.push(reasoning, bytes)
      if ('tail' in found) return { next: { ...reasoning, ...found, missing }, outside: bytes }
      const inside = found.from.subarray(found.found.length)
      const before = bytes.subarray(0, Math.max(0, bytes.length - inside.length))
      const { next, outside } = this.#inside({ ...reasoning, phase: 'inside', tail: empty, missing }, inside)
      return { next, outside: Buffer.concat([before, outside]) }
    }
    return this.#inside({ ...reasoning, tokens: reasoning.tokens + 1, missing }, bytes)
  }

  /** Whether it ends now, by force; never within a character. */
  isUsedUp({ phase, tokens, missing }: Reasoning): boolean {
    return phase === 'inside' && tokens >= this.#budget && missing === 0
  }

  #inside(reasoning: Reasoning, bytes: Uint8Array): { next: Reasoning; outside: Uint8Array } {
    const found = this.#end.push(reasoning, bytes)
    if ('tail' in found) return { next: { ...reasoning, ...found }, outside: empty }
    return { next: { ...reasoning, phase: 'after', tail: empty }, outside: found.from }
  }
}

const empty = new Uint8Array(0)

/** How many bytes the last character still lacks. */
function missingBytes(before: number, bytes: Uint8Array): number {
  let missing = before
  for (const byte of bytes)
    if (byte >= 0xf0) missing = 3
    else if (byte >= 0xe0) missing = 2
    else if (byte >= 0xc0) missing = 1
    else if (byte >= 0x80) missing = Math.max(0, missing - 1)
    else missing = 0
  return missing
}
