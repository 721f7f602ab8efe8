/**
 * Builds the query-document pairs of a reranker: with the model's `rerank` template, or with its special tokens in between, as
 * llama-server does.
 */

import { contextLengthExceeded } from '../../errors.ts'
import type { ModelPointer, Native } from '../binding.ts'
import type { PooledWork } from '../messages.ts'
import type { Tokenize } from './paced-tokenizer.ts'
import type { Vocabulary } from './vocabulary.ts'

type RerankWork = Extract<PooledWork, { kind: 'rerank' }>
type Tokens = readonly number[]

/** For all pairs of a request, which repeat the query for each document: some 64 MiB. */
const maxTokens = 2 ** 23

const asText = { addSpecial: false, parseSpecial: false }

export interface PairFormat {
  /** Contains `{query}` and `{document}`. */
  readonly template: string | null
  readonly before: Tokens
  readonly between: Tokens
  readonly after: Tokens
}

export function pairFormatOf({ llama }: Native, model: ModelPointer): PairFormat {
  const vocab = llama.modelGetVocab(model)
  const eos = llama.vocabEos(vocab)
  const sep = llama.vocabSep(vocab)
  const end = llama.vocabGetAddEos(vocab) ? [eos < 0 ? sep : eos] : []
  return {
    template: llama.modelChatTemplate(model, 'rerank'),
    before: llama.vocabGetAddBos(vocab) ? [llama.vocabBos(vocab)] : [],
    between: [...end, ...(llama.vocabGetAddSep(vocab) ? [sep] : [])],
    after: end,
  }
}

/** One per document; undefined if cancelled. Throws `context_length_exceeded`. */
export async function rerankPairs(
  work: RerankWork,
  format: PairFormat,
  inputLength: number,
  vocabulary: Pick<Vocabulary, 'detokenize'>,
  tokenize: Tokenize,
): Promise<Tokens[] | undefined> {
  const { query, documents, maxDocumentTokens = Number.POSITIVE_INFINITY, truncate = false } = work
  const pair =
    format.template === null
      ? await pairOfTokens(format, query, tokenize)
      : pairOfText(format.template, query, vocabulary, tokenize)
  const empty = await pair?.([], '')
  if (pair === undefined || empty === undefined) return undefined
  if (empty.length > inputLength) throw tooLong('the query', empty.length, inputLength)
  const most = truncate ? Math.min(maxDocumentTokens, inputLength - empty.length) : maxDocumentTokens
  const pairs: Tokens[] = []
  let held = 0
  for (const [index, document] of documents.entries()) {
    const tokens = await tokenize(document, asText)
    if (tokens === undefined) return undefined
    let kept = Math.min(tokens.length, most)
    let found = await pair(tokens.slice(0, kept), kept === tokens.length ? document : undefined)
    // Retokenised text can have more tokens than were kept: then cut further.
    while (truncate && kept > 0 && found !== undefined && found.length > inputLength) {
      kept = Math.max(0, kept - (found.length - inputLength))
      found = await pair(tokens.slice(0, kept))
    }
    if (found === undefined) return undefined
    if (found.length > inputLength)
      throw tooLong(`document ${index} with the query`, found.length, inputLength)
    held += found.length
    if (held > maxTokens)
      throw contextLengthExceeded(held, maxTokens, true, 'the query with each of the documents')
    pairs.push(found)
  }
  return pairs
}

/** Combines the query with a document. The document is given as tokens, and also as text unless it was truncated. */
type Pair = (tokens: Tokens, text?: string) => Promise<Tokens | undefined>

async function pairOfTokens(
  { before, between, after }: PairFormat,
  query: string,
  tokenize: Tokenize,
): Promise<Pair | undefined> {
  const requested = await tokenize(query, asText)
  if (requested === undefined) return undefined
  return async (document) => [...before, ...requested, ...between, ...document, ...after]
}

/** Tokenised as one text, because tokens can span the borders; special tokens in the input are therefore recognised. */
function pairOfText(
  template: string,
  query: string,
  vocabulary: Pick<Vocabulary, 'detokenize'>,
  tokenize: Tokenize,
): Pair {
  return async (tokens, text = vocabulary.detokenize(tokens)) => {
    const filled = template.replace(/\{query\}|\{document\}/g, (name) => (name === '{query}' ? query : text))
    return tokenize(filled, { addSpecial: false, parseSpecial: true })
  }
}

function tooLong(what: string, tokens: number, inputLength: number): Error {
  return contextLengthExceeded(tokens, inputLength, false, what)
}
