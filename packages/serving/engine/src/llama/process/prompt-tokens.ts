/** Tokenises a prompt, given as text, pieces or tokens. */

import type { Prompt } from '../../engine.ts'
import { contextLengthExceeded, emptyPrompt } from '../../errors.ts'
import { pacedTokenizer, type Tokenize } from './paced-tokenizer.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * Leaves space for at least one new token in `contextLength`. Undefined if cancelled. Throws `empty_prompt`, `invalid_token` or
 * `context_length_exceeded`.
 */
export async function promptWithin(
  contextLength: number,
  prompt: Prompt,
  vocabulary: Vocabulary,
  isWanted: () => boolean,
): Promise<readonly number[] | undefined> {
  const bytes = (piecesOf(prompt) ?? []).reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
  const least = Math.ceil(bytes / vocabulary.longestToken)
  if (least > contextLength) throw contextLengthExceeded(least, contextLength, true)
  const tokens = await promptTokens(prompt, vocabulary, isWanted)
  if (tokens === undefined) return undefined
  if (tokens.length === 0) throw emptyPrompt()
  if (tokens.length >= contextLength) throw contextLengthExceeded(tokens.length, contextLength)
  vocabulary.check(tokens)
  return tokens
}

/** Without a length limit. Undefined if cancelled. */
export async function promptTokens(
  prompt: Prompt,
  vocabulary: Vocabulary,
  isWanted: () => boolean,
): Promise<readonly number[] | undefined> {
  const pieces = piecesOf(prompt)
  if (pieces === undefined) return prompt as readonly number[]
  const found = await tokensOfPieces(pieces, vocabulary, pacedTokenizer(vocabulary, isWanted))
  return found && withoutSecondBos(found, vocabulary.bos)
}

/** Equals tokenising the whole text, except for tokens across a border. */
async function tokensOfPieces(
  [first = '', ...others]: readonly string[],
  vocabulary: Vocabulary,
  tokenize: Tokenize,
): Promise<number[] | undefined> {
  const found = await tokenize(first, { addSpecial: true, parseSpecial: true })
  const last = others.length > 0 && vocabulary.addsEos ? found?.pop() : undefined
  for (const piece of others) {
    const some = await tokensAfter(found?.at(-1), piece, vocabulary, tokenize)
    if (some === undefined) return undefined
    for (const token of some) found?.push(token)
  }
  if (last !== undefined) found?.push(last)
  return found
}

/**
 * Some vocabularies add a space before a text unless it continues another: so it is tokenised after a newline, which is then
 * removed.
 */
async function tokensAfter(
  before: number | undefined,
  text: string,
  vocabulary: Vocabulary,
  tokenize: Tokenize,
): Promise<number[] | undefined> {
  const asText = { addSpecial: false, parseSpecial: true }
  const newline = vocabulary.tokenizeShort('\n')
  const addsSpace = vocabulary.detokenize(newline).startsWith(' ')
  if (!addsSpace || text === '' || before === undefined || vocabulary.isParsed(before))
    return tokenize(text, asText)
  const tokens = await tokenize(`\n${text}`, asText)
  if (tokens === undefined || newline.every((token, at) => tokens[at] === token))
    return tokens?.slice(newline.length)
  return tokenize(text, asText)
}

/** Undefined for tokens. */
function piecesOf(prompt: Prompt): readonly string[] | undefined {
  if (typeof prompt === 'string') return [prompt]
  return 'pieces' in prompt ? prompt.pieces : undefined
}

/** A text that starts with the model's BOS gets no second one. */
function withoutSecondBos(tokens: readonly number[], bos: number): readonly number[] {
  return tokens[0] === bos && tokens[1] === bos ? tokens.slice(1) : tokens
}
