/**
 * The reading end of a request: events are pushed in and read with `for await`. Nothing happens before the first `next()`;
 * leaving early is signalled immediately. Readers must read to the end or leave.
 */

export class EventChannel<Event> implements AsyncIterableIterator<Event> {
  readonly #open: (channel: EventChannel<Event>) => () => void
  #leave: (() => void) | undefined
  #opened = false
  #closed = false
  #failure: { readonly thrown: unknown } | undefined
  #events: Event[] = []
  #waiting: (() => void)[] = []

  /**
   * `open` is called at the first `next()`, which throws whatever `open` throws and then ends. It returns the function to call
   * when the reader leaves.
   */
  constructor(open: (channel: EventChannel<Event>) => () => void) {
    this.#open = open
  }

  push(event: Event): void {
    if (this.#closed) return
    this.#events.push(event)
    this.#wake()
  }

  /** Ends the events. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  /** The reader gets the earlier events, then this error. */
  fail(thrown: unknown): void {
    if (this.#closed) return
    this.#failure = { thrown }
    this.close()
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    if (!this.#opened) {
      this.#opened = true
      try {
        this.#leave = this.#open(this)
      } catch (thrown) {
        this.fail(thrown)
      }
    }
    while (true) {
      const event = this.#events.shift()
      if (event !== undefined) return { value: event, done: false }
      if (this.#closed) break
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.thrown
    return { value: undefined, done: true }
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#opened = true
    this.#events = []
    this.#failure = undefined
    this.close()
    this.#leave?.()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting = []
  }
}
