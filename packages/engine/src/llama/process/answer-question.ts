/** What the vocabulary alone can answer. */

import type { Answer, Question } from '../messages.ts'
import { toWire } from './to-wire.ts'
import type { Vocabulary } from './vocabulary.ts'

export async function answerQuestion(vocabulary: Vocabulary, question: Question): Promise<Answer> {
  const { id } = question
  try {
    if (question.ask === 'tokenize') {
      const { text, addSpecial, parseSpecial } = question
      return { id, value: (await vocabulary.tokenize(text, addSpecial, parseSpecial, () => true))! }
    }
    const { ask, tokens } = question
    return { id, value: ask === 'pieces' ? vocabulary.pieces(tokens) : vocabulary.detokenize(tokens) }
  } catch (thrown) {
    return { id, error: toWire(thrown) }
  }
}
