/** Ends a text that takes too long: at the first line break after the limit in milliseconds, counted from its first token. */

export class TimeLimit {
  readonly #millis: number
  readonly #now: () => number
  readonly #ending = new AbortController()
  #startedAt: number | undefined
  #hasNewLine = false

  constructor(millis: number, now: () => number) {
    this.#millis = millis
    this.#now = now
  }

  /** Aborted when the text must end. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  wrote(text: string): void {
    this.#startedAt ??= this.#now()
    this.#hasNewLine ||= text.includes('\n')
    if (this.#hasNewLine && this.#now() - this.#startedAt > this.#millis) this.#ending.abort()
  }
}
