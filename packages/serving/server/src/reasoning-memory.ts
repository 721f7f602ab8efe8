/**
 * What a model thought before it called tools, kept for the next turn: models trained to reason across tool calls need it,
 * and clients of OpenAI's API send their messages back without it. Thoughts are found only by whom they were told: an
 * owner is a text that says who asks. Bounded: the oldest thoughts are forgotten first.
 */

import { BoundedTexts, ownedKey } from './bounded-texts.ts'
import type { Recall } from './dialect.ts'
import type { ChoiceEvent } from './generation.ts'
import { tap } from './tap.ts'

export class ReasoningMemory {
  readonly #byCall = new BoundedTexts()

  /** What was thought before the first of these calls that is remembered. */
  recall(owner: string, callIds: readonly string[]): string | undefined {
    for (const id of callIds) {
      const reasoning = this.#byCall.get(ownedKey(owner, id))
      if (reasoning) return reasoning
    }
    return undefined
  }

  /** What a client's requests may recall; `user` is one of its own. */
  of(client: string): Recall {
    return (callIds, user) => this.recall(ownerOf(client, user), callIds)
  }

  /** Some models write ids of their own, and one again: then nobody can say which call is meant, and it is known as empty. */
  remember(owner: string, callId: string, reasoning: string): void {
    const key = ownedKey(owner, callId)
    const known = this.#byCall.get(key)
    if (known === undefined && reasoning === '') return
    this.#byCall.set(key, known === undefined || known === reasoning ? reasoning : '')
  }

  /** Remembers what passes by on its way to the owner. */
  listen(owner: string, events: AsyncIterable<ChoiceEvent>): AsyncIterable<ChoiceEvent> {
    const thoughts: string[] = []
    return tap(events, (event) => {
      if (event.type === 'reasoning') thoughts[event.choice] = (thoughts[event.choice] ?? '') + event.text
      else if (event.type === 'tool') this.remember(owner, event.id, thoughts[event.choice] ?? '')
    })
  }
}

/** Thoughts are those of one client, and of one user of it where it says which. */
export const ownerOf = (client: string, user = ''): string => ownedKey(client, user)
