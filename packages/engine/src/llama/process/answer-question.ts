/** Answers what is asked beside the sequences: of the vocabulary, and to load an adapter. */

import { adapterUnusable } from '../../errors.ts'
import type { Answer, Question } from '../messages.ts'
import type { LoadedAdapters } from './loaded-adapters.ts'
import { toWire } from './to-wire.ts'
import type { Vocabulary } from './vocabulary.ts'

/** `adapters` are undefined where there is nothing to use them in. */
export async function answerQuestion(
  question: Question,
  vocabulary: Vocabulary,
  adapters?: LoadedAdapters,
): Promise<Answer> {
  const { id } = question
  try {
    if (question.ask === 'tokenize') {
      const { text, addSpecial, parseSpecial } = question
      return { id, value: (await vocabulary.tokenize(text, addSpecial, parseSpecial, () => true))! }
    }
    if (question.ask === 'promptLength')
      return { id, value: (await vocabulary.promptTokens(question.prompt, () => true))!.length }
    if (question.ask === 'loadAdapter') {
      if (adapters === undefined) throw adapterUnusable(question.path, 'the model generates no text')
      await adapters.load(question)
      return { id, value: null }
    }
    const { ask, tokens } = question
    return { id, value: ask === 'pieces' ? vocabulary.pieces(tokens) : vocabulary.detokenize(tokens) }
  } catch (thrown) {
    return { id, error: toWire(thrown) }
  }
}
