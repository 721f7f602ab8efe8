/** Reproducible random numbers, identical for the same seed on every machine. */

export class Random {
  #state: number

  /** Any words; equal words give equal seeds. */
  constructor(...seed: readonly (string | number)[]) {
    this.#state = 0x811c9dc5
    // FNV-1a.
    for (const character of seed.join('\u0000'))
      this.#state = Math.imul(this.#state ^ character.codePointAt(0)!, 0x01000193) >>> 0
  }

  /** In [0, 1) (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** In [0, end). */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  happens(chance: number): boolean {
    return this.next() < chance
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}
