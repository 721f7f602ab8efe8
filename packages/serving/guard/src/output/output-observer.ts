/** Looks at what a model writes without keeping any of it back, and says at the end what it saw. One for each choice of an answer. */

import type { Verdict } from '../verdict.ts'
import { ChannelText } from './channel-text.ts'
import { OutputRecord } from './output-record.ts'

export interface OutputObserverOptions {
  /** Should not throw. */
  readonly screen: (text: string) => Promise<Verdict>
  /** Characters that come before they are screened. */
  readonly everyCharacters?: number
}

/**
 * Looks at what a model writes while it is sent: it notes, and holds nothing back.
 *
 * @example
 * ```ts
 * import { createGuard, OutputObserver } from '@hadal/guard'
 *
 * const guard = createGuard()
 * const observer = new OutputObserver({ screen: (text) => guard.screen(text, { role: 'assistant' }) })
 * observer.add('content', 'My key is sk-...')
 * const verdict = await observer.end() // undefined where nothing was found
 * ```
 */
export class OutputObserver {
  readonly #screen: OutputObserverOptions['screen']
  readonly #every: number
  readonly #channels = new Map<string, ChannelText>()
  readonly #record = new OutputRecord()
  /** Of one channel at a time: nobody waits for it. */
  #screening: Promise<void> | undefined

  constructor({ screen, everyCharacters = 1024 }: OutputObserverOptions) {
    this.#screen = screen
    this.#every = everyCharacters
  }

  add(channel: string, text: string): void {
    let known = this.#channels.get(channel)
    if (known === undefined) {
      known = new ChannelText()
      this.#channels.set(channel, known)
    }
    known.add(text)
    if (this.#screening !== undefined || known.length - known.screenedTo < this.#every) return
    this.#screening = this.#look(channel, known).finally(() => {
      this.#screening = undefined
    })
  }

  /** Undefined where nothing was written. */
  async end(): Promise<Verdict | undefined> {
    await this.#screening
    for (const [name, text] of this.#channels) await this.#look(name, text)
    return this.#record.verdict
  }

  async #look(name: string, channel: ChannelText): Promise<void> {
    const { length } = channel
    if (length === channel.screenedTo) return
    const { text, offset } = channel.window()
    this.#record.add(name, await this.#screen(text), offset)
    channel.screened(length)
  }
}
