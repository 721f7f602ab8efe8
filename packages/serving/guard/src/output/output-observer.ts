/** Screens output without delaying it, and reports at the end. One per choice. */

import type { Verdict } from '../verdict.ts'
import { ChannelText } from './channel-text.ts'
import { OutputRecord } from './output-record.ts'

export interface OutputObserverOptions {
  /** Should not throw. */
  readonly screen: (text: string) => Promise<Verdict>
  /** Screening interval in characters. */
  readonly everyCharacters?: number
}

/**
 * Observes model output as it is sent: reports findings but holds nothing back.
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
  /** Per channel; runs in the background. */
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

  /** Undefined if there was no output. */
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
