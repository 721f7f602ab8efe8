/** Handles questions apart from sequences: vocabulary look-ups and loading of adapters. */

import { setImmediate } from 'node:timers/promises'
import { adapterUnusable } from '../../errors.ts'
import type { Answer, Question } from '../messages.ts'
import type { LoadedAdapters } from './loaded-adapters.ts'
import { promptTokens } from './prompt-tokens.ts'
import { toWire } from './to-wire.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Takes some milliseconds. */
const tokensPerTurn = 8192

/** `adapters` is undefined if no context uses them. */
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
      return { id, value: (await promptTokens(question.prompt, vocabulary, () => true))!.length }
    if (question.ask === 'loadAdapter') {
      if (adapters === undefined) throw adapterUnusable(question.path, 'the model generates no text')
      await adapters.load(question)
      return { id, value: null }
    }
    // Generating processes handle it earlier (`EngineLoop`).
    if (question.ask === 'cache') return { id, value: null }
    const { ask, tokens } = question
    if (ask === 'pieces')
      return { id, value: await inTurns(tokens, (some) => vocabulary.pieces(some).map((each) => [...each])) }
    // A character can span tokens of two turns.
    const bytes = await inTurns(tokens, (some) => [Buffer.concat(vocabulary.pieces(some))])
    return { id, value: Buffer.concat(bytes).toString() }
  } catch (thrown) {
    return { id, error: toWire(thrown) }
  }
}

/** Yields regularly so that steps can run. */
async function inTurns<Read>(
  tokens: readonly number[],
  read: (some: readonly number[]) => readonly Read[],
): Promise<Read[]> {
  const all: Read[] = []
  for (let from = 0; from < tokens.length; from += tokensPerTurn) {
    if (from > 0) await setImmediate()
    for (const each of read(tokens.slice(from, from + tokensPerTurn))) all.push(each)
  }
  return all
}
