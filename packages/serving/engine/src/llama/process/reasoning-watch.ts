/**
 * Tracks the reasoning of a sequence by its start and end texts, however tokens split them, and detects when its budget is used
 * up. The state is a value: a token can be tried and dropped. Pure.
 */

import type { ThinkingLimit } from '../../engine.ts'
import { ByteFinder } from '../../text/byte-finder.ts'

export interface Reasoning {
  readonly phase: 'before' | 'inside' | 'after'
  /** The last bytes, which may be the start of a searched text. */
  readonly tail: Uint8Array
  /** Reasoning tokens so far. */
  readonly tokens: number
  /** Missing bytes of an incomplete character. */
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

  /** Reads one token; returns also those of its bytes (including the end text) that are not reasoning. */
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

  /** Whether to end it now by force; never within a character. */
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

/** Number of bytes missing from the last character. */
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
