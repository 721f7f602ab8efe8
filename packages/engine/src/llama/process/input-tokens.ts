/** The tokens of texts to embed: each framed as the model was trained to read one, none longer than the model takes. */

import { setImmediate } from 'node:timers/promises'
import type { Prompt } from '../../engine.ts'
import { contextLengthExceeded, emptyPrompt } from '../../errors.ts'
import type { Vocabulary } from './vocabulary.ts'

type Tokens = readonly number[]

/** Tokenised in one turn of the event loop: some 10 ms. */
const bytesPerTurn = 32_768
/** A short text costs as much as this many bytes. */
const leastCost = 32

/**
 * In order; undefined when no longer wanted. Throws `context_length_exceeded`, `empty_prompt` and `invalid_token`, the first
 * two with the number of the input.
 */
export async function inputTokens(
  inputs: readonly Prompt[],
  inputLength: number,
  vocabulary: Vocabulary,
  isWanted: () => boolean,
): Promise<Tokens[] | undefined> {
  const found: Tokens[] = []
  let cost = 0
  for (const [index, input] of inputs.entries()) {
    const name = inputs.length === 1 ? 'the input' : `input ${index}`
    const tokens = await tokensOf(input, vocabulary, isWanted)
    if (tokens === undefined) return undefined
    if (tokens.length === 0) throw emptyPrompt(name)
    if (tokens.length > inputLength) throw contextLengthExceeded(tokens.length, inputLength, false, name)
    found.push(tokens)
    cost += byteLength(input) + leastCost
    if (cost < bytesPerTurn) continue
    cost = 0
    await setImmediate()
    if (!isWanted()) return undefined
  }
  return found
}

function byteLength(input: Prompt): number {
  if (typeof input === 'string') return Buffer.byteLength(input)
  if ('pieces' in input) return input.pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
  return 0
}

async function tokensOf(
  input: Prompt,
  vocabulary: Vocabulary,
  isWanted: () => boolean,
): Promise<Tokens | undefined> {
  if (typeof input === 'string') return vocabulary.tokenize(input, true, true, isWanted)
  if (!('pieces' in input)) {
    vocabulary.check(input)
    return input
  }
  // What frames a text stands around the pieces together, not around each.
  const frame = await vocabulary.tokenize('', true, true, isWanted)
  if (frame === undefined) return undefined
  const before = frame[0] === vocabulary.bos ? 1 : 0
  const tokens = frame.slice(0, before)
  for (const piece of input.pieces) {
    const some = await vocabulary.tokenize(piece, false, true, isWanted)
    if (some === undefined) return undefined
    for (const token of some) tokens.push(token)
  }
  return [...tokens, ...frame.slice(before)]
}
