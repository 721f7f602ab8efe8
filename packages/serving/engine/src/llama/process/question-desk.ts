/** Answers questions in the process of a model that does not generate and so has no engine loop to do it. */

import type { FromProcess, ToProcess } from '../messages.ts'
import { answerQuestion } from './answer-question.ts'
import type { Vocabulary } from './vocabulary.ts'

export class QuestionDesk {
  readonly #vocabulary: Vocabulary
  readonly #send: (message: FromProcess) => void

  constructor(vocabulary: Vocabulary, send: (message: FromProcess) => void) {
    this.#vocabulary = vocabulary
    this.#send = send
  }

  /** Every message gets a reply, so that a silent process is known to hang. */
  receive(message: ToProcess): void {
    void this.#answer(message)
  }

  async #answer({ ask = [] }: ToProcess): Promise<void> {
    const answers = await Promise.all(ask.map((question) => answerQuestion(question, this.#vocabulary)))
    this.#send({ type: 'step', kvCacheUsage: 0, events: [], answers })
  }
}
