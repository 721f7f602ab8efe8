/** Tokenises texts to embed: each with the special tokens that the model expects, none longer than it accepts. */

import type { Prompt } from '../../engine.ts'
import { contextLengthExceeded, emptyPrompt } from '../../errors.ts'
import type { Tokenize } from './paced-tokenizer.ts'
import type { Vocabulary } from './vocabulary.ts'

type Tokens = readonly number[]

/**
 * In order; undefined if cancelled. Throws `context_length_exceeded`, `empty_prompt` and `invalid_token`, the first two with
 * the index of the input.
 */
export async function inputTokens(
  inputs: readonly Prompt[],
  inputLength: number,
  vocabulary: Pick<Vocabulary, 'bos' | 'check'>,
  tokenize: Tokenize,
): Promise<Tokens[] | undefined> {
  const found: Tokens[] = []
  for (const [index, input] of inputs.entries()) {
    const name = inputs.length === 1 ? 'the input' : `input ${index}`
    const tokens = await tokensOf(input, vocabulary, tokenize)
    if (tokens === undefined) return undefined
    if (tokens.length === 0) throw emptyPrompt(name)
    if (tokens.length > inputLength) throw contextLengthExceeded(tokens.length, inputLength, false, name)
    found.push(tokens)
  }
  return found
}

async function tokensOf(
  input: Prompt,
  vocabulary: Pick<Vocabulary, 'bos' | 'check'>,
  tokenize: Tokenize,
): Promise<Tokens | undefined> {
  if (typeof input === 'string') return tokenize(input, { addSpecial: true, parseSpecial: true })
  if (!('pieces' in input)) {
    vocabulary.check(input)
    return input
  }
  // Special tokens enclose all pieces together, not each one.
  const frame = await tokenize('', { addSpecial: true, parseSpecial: true })
  if (frame === undefined) return undefined
  const before = frame[0] === vocabulary.bos ? 1 : 0
  const tokens = frame.slice(0, before)
  for (const piece of input.pieces) {
    const some = await tokenize(piece, { addSpecial: false, parseSpecial: true })
    if (some === undefined) return undefined
    for (const token of some) tokens.push(token)
  }
  return [...tokens, ...frame.slice(before)]
}
