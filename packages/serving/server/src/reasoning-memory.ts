/**
 * Remembers the reasoning before tool calls for the next turn: models trained to reason across tool calls need it, and OpenAI clients do
 * not send it back. Reasoning is found only under its owner. Bounded, with the oldest evicted first.
 */

import { BoundedTexts, ownedKey } from './bounded-texts.ts'
import type { Recall } from './dialect.ts'
import type { ChoiceEvent } from './generation.ts'
import { tap } from './tap.ts'

export class ReasoningMemory {
  readonly #byCall = new BoundedTexts()

  /** Reasoning before the first known one of these calls. */
  recall(owner: string, callIds: readonly string[]): string | undefined {
    for (const id of callIds) {
      const reasoning = this.#byCall.get(ownedKey(owner, id))
      if (reasoning) return reasoning
    }
    return undefined
  }

  /** The lookup for a client's requests; `user` is an end user of the client. */
  of(client: string): Recall {
    return (callIds, user) => this.recall(ownerOf(client, user), callIds)
  }

  /** Some models write their own, possibly repeated, ids. An ambiguous id is stored as empty. */
  remember(owner: string, callId: string, reasoning: string): void {
    const key = ownedKey(owner, callId)
    const known = this.#byCall.get(key)
    if (known === undefined && reasoning === '') return
    this.#byCall.set(key, known === undefined || known === reasoning ? reasoning : '')
  }

  /** Remembers reasoning from events on their way to the owner. */
  listen(owner: string, events: AsyncIterable<ChoiceEvent>): AsyncIterable<ChoiceEvent> {
    const thoughts: string[] = []
    return tap(events, (event) => {
      if (event.type === 'reasoning') thoughts[event.choice] = (thoughts[event.choice] ?? '') + event.text
      else if (event.type === 'tool') this.remember(owner, event.id, thoughts[event.choice] ?? '')
    })
  }
}

/** Scoped to a client and, if given, its end user. */
export const ownerOf = (client: string, user = ''): string => ownedKey(client, user)
