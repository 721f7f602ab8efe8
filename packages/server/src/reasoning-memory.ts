/**
 * What a model thought before it called tools, kept for the next turn: models trained to reason across tool calls need it,
 * and clients of OpenAI's API send their messages back without it. Bounded: the oldest thoughts are forgotten first.
 */

import type { ChoiceEvent, GenerationLayer } from './generation.ts'

export class ReasoningMemory {
  readonly #byCall = new Map<string, string>()
  readonly #most: number
  readonly #mostCharacters: number
  #characters = 0

  constructor({ calls = 4096, characters = 16 * 1024 * 1024 } = {}) {
    this.#most = calls
    this.#mostCharacters = characters
  }

  /** What was thought before the first of these calls that is remembered. */
  recall(callIds: readonly string[]): string | undefined {
    for (const id of callIds) {
      const reasoning = this.#byCall.get(id)
      if (reasoning !== undefined) return reasoning
    }
    return undefined
  }

  remember(callId: string, reasoning: string): void {
    this.#forget(callId)
    this.#byCall.set(callId, reasoning)
    this.#characters += reasoning.length
    for (const oldest of this.#byCall.keys()) {
      if (this.#byCall.size <= this.#most && this.#characters <= this.#mostCharacters) return
      this.#forget(oldest)
    }
  }

  #forget(callId: string): void {
    this.#characters -= this.#byCall.get(callId)?.length ?? 0
    this.#byCall.delete(callId)
  }

  /** Remembers what passes by. */
  get layer(): GenerationLayer {
    return (next) => (generation, signal) => {
      const events = next(generation, signal)
      return generation.parser === undefined ? events : this.#listen(events)
    }
  }

  async *#listen(events: AsyncIterable<ChoiceEvent>): AsyncGenerator<ChoiceEvent> {
    const thoughts: string[] = []
    for await (const event of events) {
      if (event.type === 'reasoning') thoughts[event.choice] = (thoughts[event.choice] ?? '') + event.text
      else if (event.type === 'tool') {
        const reasoning = thoughts[event.choice]
        if (reasoning) this.remember(event.id, reasoning)
      }
      yield event
    }
  }
}
