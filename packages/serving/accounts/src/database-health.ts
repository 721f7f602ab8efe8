/** Tracks whether the database responds, from the outcome of all its queries. */

import { type Logger, messageOf } from '@hadal/base'

export class DatabaseHealth {
  readonly #logger: Logger
  #isUp = true

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** According to the last query: further queries are worth their wait. */
  get isUp(): boolean {
    return this.#isUp
  }

  async ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work()
      if (!this.#isUp) this.#logger.info('the database of keys and usage is back')
      this.#isUp = true
      return answer
    } catch (error) {
      if (this.#isUp)
        this.#logger.warn('the database of keys and usage is away; serving by what is known and leased', {
          why: messageOf(error),
        })
      this.#isUp = false
      throw error
    }
  }
}
