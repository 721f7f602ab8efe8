/**
 * Encodes a conversation through a chat template; only assistant text is trained on. Its position is found by rendering prefixes of
 * the conversation: up to where a response begins, and to where it ends. Each must be a prefix of the next, or the conversation is
 * rejected.
 *
 * The comparison is on text, and the pieces between are tokenized separately: then tokens of a prefix are a prefix of the tokens,
 * and a response is tokenized as a model generates it, apart from its prompt.
 */

import { anyOf, type EncodeOptions, type Tokenizer } from '../tokenizer/tokenizer.ts'
import { templateNotIncremental } from './errors.ts'
import type { Conversation, TrainingMessage } from './parse-row.ts'
import type { ChatTemplate } from './render-template.ts'
import type { MaskedTokens } from './windows.ts'

/** The subset of a tokenizer used here. */
export type DataTokenizer = Pick<Tokenizer, 'encode' | 'specialTokens' | 'bytesOf' | 'vocabSize'>

/** Responses to train on: all, or only the last (for templates that rewrite earlier ones). */
export type LearntTurns = 'all' | 'last'

/** Half-open, in characters. */
interface Span {
  readonly from: number
  readonly to: number
}

/**
 * A response is trained on up to its last special token, which ends the turn; white space that the template adds after it is not.
 * Special tokens' texts are ordinary text in messages of all roles but the assistant. Throws `nn_chat_template_failed` and
 * `nn_chat_template_not_incremental`.
 *
 * @example
 * ```ts
 * import { ChatTemplate, chatTemplate, chatTokens, encodeConversation, trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['hello'], { vocabSize: 270, specialTokens: Object.values(chatTokens) })
 * const { tokens, learn } = encodeConversation(
 *   { messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }] },
 *   new ChatTemplate(chatTemplate),
 *   tokenizer,
 * )
 * learn.some(Boolean) // → true
 * ```
 */
export function encodeConversation(
  conversation: Conversation,
  template: ChatTemplate,
  tokenizer: DataTokenizer,
  turns: LearntTurns = 'all',
): MaskedTokens {
  const specials = [...tokenizer.specialTokens.keys()]
  const special = specials.length === 0 ? undefined : anyOf(specials)
  const mark = markNotIn(JSON.stringify(conversation))
  const messages = conversation.messages.map((message) =>
    message.role === 'assistant' ? message : (sealed(message, special, mark) as TrainingMessage),
  )
  const text = template.render({ ...conversation, messages }, false)
  const spans = learntSpans({ ...conversation, messages }, text, template, turns)

  const tokens: number[] = []
  const learn: boolean[] = []
  let after: EncodeOptions['after']
  const push = (piece: string, learnt: boolean): void => {
    const { ids, end } = encodeSealed(piece, after, tokenizer, special, mark)
    after = end
    const until = learnt ? learntUntil(ids, tokenizer) : 0
    for (const [index, id] of ids.entries()) {
      tokens.push(id)
      learn.push(index < until)
    }
  }
  let at = 0
  for (const { from, to } of spans) {
    push(text.slice(at, from), false)
    push(text.slice(from, to), true)
    at = to
  }
  push(text.slice(at), false)
  return { tokens, learn }
}

function learntSpans(
  { messages, ...rest }: Conversation,
  text: string,
  template: ChatTemplate,
  turns: LearntTurns,
): Span[] {
  const answers = [...messages.keys()].filter((index) => messages[index]!.role === 'assistant')
  return answers.slice(turns === 'last' ? -1 : 0).map((index) => {
    const prompt = template.render({ ...rest, messages: messages.slice(0, index) }, true)
    const answered = template.render({ ...rest, messages: messages.slice(0, index + 1) }, false)
    if (!answered.startsWith(prompt))
      throw templateNotIncremental(
        index,
        `the rendered prompt is not a prefix of it ${difference(prompt, answered)}`,
      )
    if (!text.startsWith(answered))
      throw templateNotIncremental(
        index,
        `it is rendered differently when more turns follow ${difference(answered, text)}`,
      )
    return { from: prompt.length, to: answered.length }
  })
}

/** Index of the first difference. */
function difference(one: string, other: string): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 12), at + 24))
  return `(${around(one)} versus ${around(other)})`
}

/** Number of trained tokens of a response: up to its last special token, if only white space follows that. */
function learntUntil(ids: readonly number[], tokenizer: DataTokenizer): number {
  const special = new Set(tokenizer.specialTokens.values())
  const last = ids.findLastIndex((id) => special.has(id))
  const tail = ids.slice(last + 1).flatMap((id) => [...tokenizer.bytesOf(id)])
  return last >= 0 && tail.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
    ? last + 1
    : ids.length
}

/** A copy with `mark` after the first character of every special token's text. */
function sealed(value: unknown, special: RegExp | undefined, mark: string): unknown {
  if (special === undefined) return value
  if (typeof value === 'string') return value.replace(special, (found) => sealText(found, mark))
  if (Array.isArray(value)) return value.map((item) => sealed(item, special, mark))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, sealed(member, special, mark)]),
  )
}

/** After every character: another token's text may begin inside. */
const sealText = (text: string, mark: string): string => [...text].join(mark) + mark

/** Only complete special tokens are recognised; markers are removed from the rest. `end` is the text before the next piece. */
function encodeSealed(
  text: string,
  after: EncodeOptions['after'],
  tokenizer: DataTokenizer,
  special: RegExp | undefined,
  mark: string,
): { ids: number[]; end: EncodeOptions['after'] } {
  const ids: number[] = []
  let before = after
  const ordinary = (piece: string, next?: number): void => {
    if (piece === '') return
    for (const id of tokenizer.encode(piece.replaceAll(mark, ''), { after: before, before: next }))
      ids.push(id)
    before = 'text'
  }
  let end = 0
  for (const match of special === undefined ? [] : text.matchAll(special)) {
    const id = tokenizer.specialTokens.get(match[0])!
    ordinary(text.slice(end, match.index), id)
    ids.push(id)
    before = id
    end = match.index + match[0].length
  }
  ordinary(text.slice(end))
  return { ids, end: before }
}

/** A private character that `text` has not. */
function markNotIn(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code += 1) {
    const mark = String.fromCharCode(code)
    if (!text.includes(mark)) return mark
  }
  return '\u{F8FF}'
}
