/** At most so many at a time; the others wait in the order in which they came. Knows nothing of what they do. */

export class Turns {
  #free: number
  #line: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Resolves when it is the caller's turn, which lasts until what it gets is disposed of. */
  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    return { [Symbol.dispose]: () => this.#pass() }
  }

  /** Straight to the next in line: nobody who comes just then gets ahead. */
  #pass(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
