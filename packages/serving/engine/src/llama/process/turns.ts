/** A FIFO semaphore. */

export class Turns {
  #free: number
  #line: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Resolves when it is the caller's turn, which lasts until the result is disposed of. */
  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    return { [Symbol.dispose]: () => this.#pass() }
  }

  /** Directly to the next waiter, so that a newcomer cannot overtake it. */
  #pass(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
