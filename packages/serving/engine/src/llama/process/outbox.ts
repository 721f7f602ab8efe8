/**
 * Outgoing messages of the process, merged to one per step. Every incoming message gets at least one reply, so that a silent
 * process is known to hang.
 */

import type { Answer, FromProcess, SequenceEvent, StepFigures } from '../messages.ts'

export class Outbox {
  readonly #send: (message: FromProcess) => void
  #events: SequenceEvent[] = []
  #answers: Answer[] = []
  #reportedUsage = 0
  #owesAnswer = false

  constructor(send: (message: FromProcess) => void) {
    this.#send = send
  }

  /** A message arrived. */
  owe(): void {
    this.#owesAnswer = true
  }

  notify(...events: readonly SequenceEvent[]): void {
    this.#events.push(...events)
  }

  answer(answer: Answer): void {
    this.#answers.push(answer)
  }

  /** Sends a message if there is anything new. */
  deliver(step: StepFigures | undefined, kvCacheUsage: number): void {
    const [events, answers] = [this.#events, this.#answers]
    const news = step !== undefined || events.length > 0 || answers.length > 0
    if (!news && !this.#owesAnswer && kvCacheUsage === this.#reportedUsage) return
    this.#events = []
    this.#answers = []
    this.#reportedUsage = kvCacheUsage
    this.#owesAnswer = false
    this.#send({ type: 'step', ...(step !== undefined && { step }), kvCacheUsage, events, answers })
  }
}
