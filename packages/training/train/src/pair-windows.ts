/**
 * Reads JSONL of preferences into window pairs for `dpo`, `ipo` and `reward`. A row has a prompt and two responses: `{"prompt":
 * "...", "chosen": "...", "rejected": "..."}`; `prompt` (or `messages`) may be the messages of a conversation, a response a message
 * or a list of them. Without a prompt, both responses are whole conversations.
 */

import {
  type ChatTemplate,
  checkVocabulary,
  dataTemplateFailed,
  encodeConversation,
  ignoreIndex,
  isHeldOut,
  type MaskedTokens,
  type TrainingMessage,
  type Windows,
} from '@hadal/nn'
import { type JsonRow, type RowIssue, type RowOptions, readRows } from './read-rows.ts'
import type { PairWindows } from './training-data.ts'
import { templateOf, type Vocabulary } from './vocabulary.ts'

export interface PairWindowsOptions extends RowOptions {
  readonly vocabulary: Vocabulary
  /** The model's `vocab_size`. */
  readonly modelVocabSize: number
  /** Instead of the vocabulary's own. */
  readonly template?: string | ChatTemplate
  /** Tokens of a window: a row that needs more is bad. */
  readonly length: number
  /** Share of held-out pairs, chosen by their prompts. Default 0.05. */
  readonly validShare?: number
}

export interface PairData {
  readonly train: PairWindows
  readonly valid: PairWindows
}

interface EncodedPair {
  readonly chosen: MaskedTokens
  readonly rejected: MaskedTokens
  readonly isHeldOut: boolean
}

/**
 * Only the last response is trained on. Throws what `streamWindows` throws.
 *
 * @example
 * ```ts
 * import { pairWindows, readModel } from '@hadal/train'
 * import { loadTokenizer } from '@hadal/nn'
 *
 * const { train, valid } = pairWindows({
 *   files: ['preferences.jsonl'], // {"prompt": ..., "chosen": ..., "rejected": ...}
 *   vocabulary: loadTokenizer('models/base'),
 *   modelVocabSize: readModel('models/base').model.vocab_size,
 *   length: 1024,
 * })
 * ```
 */
export function pairWindows(options: PairWindowsOptions): PairData {
  const { vocabulary, length, validShare = 0.05 } = options
  checkVocabulary(vocabulary.tokenizer, options.modelVocabSize)
  const template = templateOf(vocabulary, options.template)
  if (template === undefined) throw dataTemplateFailed('none was given, but pairs are conversations')
  const encode = (messages: readonly TrainingMessage[]): MaskedTokens =>
    encodeConversation({ messages }, template, vocabulary.tokenizer, 'last')
  const pairs = readRows(options, (row): EncodedPair | RowIssue => {
    const read = readPair(row)
    if ('issue' in read) return read
    const chosen = encode(read.chosen)
    const rejected = encode(read.rejected)
    const longest = Math.max(chosen.tokens.length, rejected.tokens.length) - 1
    if (longest > length) return { issue: `it has ${longest} tokens, but a window holds only ${length}` }
    return { chosen, rejected, isHeldOut: isHeldOut({ text: JSON.stringify(read.prompt) }, validShare) }
  })
  const part = (held: boolean): PairWindows => {
    const rows = pairs.filter(({ isHeldOut: is }) => is === held)
    const windows = (which: 'chosen' | 'rejected'): Windows =>
      paddedWindows(
        rows.map((row) => row[which]),
        length,
        vocabulary.endOfText,
      )
    return { chosen: windows('chosen'), rejected: windows('rejected') }
  }
  return { train: part(false), valid: part(true) }
}

/** One example a window. */
function paddedWindows(examples: readonly MaskedTokens[], length: number, endOfText: number): Windows {
  const inputs = new Int32Array(examples.length * length).fill(endOfText)
  const targets = new Int32Array(examples.length * length).fill(ignoreIndex)
  examples.forEach(({ tokens, learn }, row) => {
    inputs.set(tokens.slice(0, -1), row * length)
    for (let i = 0; i + 1 < tokens.length; i += 1)
      if (learn[i + 1]) targets[row * length + i] = tokens[i + 1]!
  })
  return { length, count: examples.length, inputs, targets }
}

interface Pair {
  readonly prompt: readonly TrainingMessage[]
  readonly chosen: readonly TrainingMessage[]
  readonly rejected: readonly TrainingMessage[]
}

function readPair(row: JsonRow): Pair | RowIssue {
  const given = row.prompt ?? row.messages ?? []
  const prompt = messagesIn(given, 'user')
  if (prompt === undefined) return { issue: 'prompt must be a string or a list of messages' }
  const read: Partial<Record<'chosen' | 'rejected', TrainingMessage[]>> = {}
  for (const which of ['chosen', 'rejected'] as const) {
    const answer = messagesIn(row[which], 'assistant')
    if (answer === undefined) return { issue: `${which} must be a string, a message or a list of messages` }
    if (answer.at(-1)?.role !== 'assistant') return { issue: `${which} must end with an assistant message` }
    if (prompt.length + answer.length < 2) return { issue: 'prompt is missing' }
    read[which] = [...prompt, ...answer]
  }
  const { chosen, rejected } = read as Required<typeof read>
  if (JSON.stringify(chosen) === JSON.stringify(rejected))
    return { issue: 'chosen and rejected are the same' }
  return { prompt: prompt.length > 0 ? prompt : chosen.slice(0, -1), chosen, rejected }
}

/** Undefined for invalid input. */
function messagesIn(given: unknown, role: string): TrainingMessage[] | undefined {
  if (typeof given === 'string') return given === '' ? undefined : [{ role, content: given }]
  const list: unknown[] = Array.isArray(given) ? given : [given]
  const isMessage = (each: unknown): boolean =>
    typeof each === 'object' && each !== null && typeof (each as TrainingMessage).role === 'string'
  return list.every(isMessage) ? (list as TrainingMessage[]) : undefined
}
