/**
 * Splits responses of OpenAI's APIs from other servers into texts and reassembles them with replacements: stream events and whole
 * responses. Anything else is passed unchanged. Pure.
 */

import { isPlainObject } from '@hadal/base'

type Fields = Readonly<Record<string, unknown>>

/** One text of one choice, in its own chunk. */
export interface ChunkPiece {
  readonly choice: number
  readonly channel: string
  readonly text: string
  /** The chunk with another text, without token data that no longer matches. */
  write(text: string, isRewritten: boolean): unknown
}

export interface ReadChunk {
  readonly pieces: readonly ChunkPiece[]
  /** Choices that this chunk ends, with their final chunk. */
  readonly ends: readonly { readonly choice: number; readonly chunk: unknown }[]
  /** A chunk that ends a choice early. */
  end(choice: number, finishReason: string): unknown
  /** A chunk of a choice with this text. */
  say(choice: number, text: string): unknown
}

/** Undefined if there are no choices: usage, errors and so on. */
export function readChunk(value: unknown): ReadChunk | undefined {
  if (!isPlainObject(value) || !isList(value.choices) || value.choices.length === 0) return undefined
  const { choices } = value
  const isText =
    value.object === 'text_completion' || choices.some((each) => isPlainObject(each) && 'text' in each)
  const chunk = (choice: Fields): unknown => withChoices(value, [choice])
  const pieces: ChunkPiece[] = []
  const ends: { choice: number; chunk: unknown }[] = []
  for (const given of choices) {
    if (!isPlainObject(given)) continue
    const choice = only(choiceFields, given)
    const index = typeof choice.index === 'number' ? choice.index : 0
    for (const part of isText ? textParts(choice) : deltaParts(choice))
      pieces.push({
        choice: index,
        channel: part.channel,
        text: part.text,
        write: (text, isRewritten) => chunk({ ...part.with(text), ...(isRewritten && { logprobs: null }) }),
      })
    if (choice.finish_reason !== null && choice.finish_reason !== undefined)
      ends.push({ choice: index, chunk: chunk({ ...choice, ...emptied(isText), logprobs: null }) })
  }
  return {
    pieces,
    ends,
    end: (choice, reason) =>
      chunk({ index: choice, ...emptied(isText), logprobs: null, finish_reason: reason }),
    say: (choice, text) =>
      chunk({
        index: choice,
        ...(isText ? { text } : { delta: { content: text } }),
        logprobs: null,
        finish_reason: null,
      }),
  }
}

/** Other fields may repeat the output in forms not screened here (llama-server's `__verbose`), so they are dropped. */
const aroundFields = [
  'id',
  'object',
  'created',
  'model',
  'system_fingerprint',
  'service_tier',
  'usage',
  'timings',
  'prompt_progress',
  'error',
]
const choiceFields = ['index', 'delta', 'text', 'logprobs', 'finish_reason', 'stop_reason']
const messageFields = [
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'annotations',
  'tool_calls',
  'function_call',
]
const only = (names: readonly string[], fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))

const emptied = (isText: boolean): Fields => (isText ? { text: '' } : { delta: {} })

interface Part {
  readonly channel: string
  readonly text: string
  with(text: string): Fields
}

function textParts(choice: Fields): Part[] {
  const { text } = choice
  if (typeof text !== 'string') return []
  const logprobs = text === '' ? null : (choice.logprobs ?? null)
  return [
    {
      channel: 'content',
      text,
      with: (said) => ({ ...choice, logprobs, text: said, finish_reason: null }),
    },
  ]
}

/** A text, or parts as Mistral sends them: `{"type": "text", "text": "…"}`. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  if (isList(value)) return value.map(textIn).join('')
  if (!isPlainObject(value)) return ''
  const { type: _, ...fields } = value
  return Object.values(fields).map(textIn).join('')
}

const deltaTexts = ['reasoning_content', 'reasoning', 'content', 'refusal'] as const

/** Usually one part. A delta with several texts is split; non-text fields stay with the first. */
function deltaParts(choice: Fields): Part[] {
  const { delta, logprobs, ...rest } = choice
  if (!isPlainObject(delta)) return []
  const { tool_calls: calls, function_call: call, ...said } = only(messageFields, delta)
  const texts = deltaTexts.filter((name) => textIn(said[name]) !== '')
  const others = Object.fromEntries(
    Object.entries(said).filter(([name]) => !texts.some((text) => text === name)),
  )
  const parts: Part[] = []
  const add = (channel: string, text: string, make: (text: string) => Fields, more: Fields = {}): void => {
    const first = parts.length === 0 ? others : {}
    parts.push({
      channel,
      text,
      with: (other) => ({ ...rest, ...more, delta: { ...first, ...make(other) }, finish_reason: null }),
    })
  }
  // Token data is kept only for a single text; otherwise it would reveal the other texts, which may be held back.
  const isOne = texts.length === 1 && !(isList(calls) && calls.length > 0) && !isPlainObject(call)
  for (const name of texts) {
    const written = textIn(said[name])
    add(name, written, (text) => ({ [name]: text === written ? said[name] : text }), {
      logprobs: (isOne ? logprobs : null) ?? null,
    })
  }
  if (isList(calls))
    for (const each of calls) {
      const called = isPlainObject(each) ? each.function : undefined
      const at = isPlainObject(each) ? each.index : 0
      const given = isPlainObject(called) && typeof called.arguments === 'string' ? called.arguments : ''
      add(`arguments ${at}`, given, (text) => ({
        tool_calls: [
          isPlainObject(each) && isPlainObject(called)
            ? { ...each, function: { ...called, ...(called.arguments !== undefined && { arguments: text }) } }
            : each,
        ],
      }))
    }
  if (isPlainObject(call)) {
    const given = typeof call.arguments === 'string' ? call.arguments : ''
    add('arguments', given, (text) => ({ function_call: { ...call, arguments: text } }))
  }
  if (parts.length === 0 && Object.keys(others).length > 0) add('content', '', () => ({}))
  return parts
}

/** A response or chunk with these choices and only the allowed surrounding fields. */
export const withChoices = (value: object, choices: readonly unknown[]): unknown => ({
  ...only(aroundFields, value as Fields),
  choices,
})

/** One text of a choice of a whole response. */
export interface WholePart {
  readonly channel: string
  readonly text: string
}

export interface WholeChoice {
  readonly parts: readonly WholePart[]
  /** Replaces the texts, one per part. */
  write(texts: readonly string[]): unknown
  /** Ended early: with `text` instead of the output. */
  end(text: string, finishReason: string): unknown
}

/** Undefined if there are no choices. */
export function readWhole(value: unknown): readonly WholeChoice[] | undefined {
  if (!isPlainObject(value) || !isList(value.choices)) return undefined
  return value.choices.map((choice) => (isPlainObject(choice) ? wholeChoice(choice) : asItIs(choice)))
}

const asItIs = (choice: unknown): WholeChoice => ({ parts: [], write: () => choice, end: () => choice })

function wholeChoice(given: Fields): WholeChoice {
  const choice = only([...choiceFields, 'message'], given)
  return isPlainObject(choice.message)
    ? messageChoice(choice, only(messageFields, choice.message))
    : textChoice(choice)
}

function textChoice(choice: Fields): WholeChoice {
  const { text, logprobs } = choice
  return {
    parts: typeof text === 'string' ? [{ channel: 'content', text }] : [],
    write: ([said]) => ({ ...choice, text: said, logprobs: said === text ? logprobs : null }),
    end: (said, finish_reason) => ({ ...choice, text: said, logprobs: null, finish_reason }),
  }
}

/** Treats the message as one delta with all its texts. */
function messageChoice(choice: Fields, message: Fields): WholeChoice {
  const parts = deltaParts({ delta: message })
  return {
    parts,
    write(texts) {
      if (parts.every(({ text }, at) => text === texts[at])) return { ...choice, message }
      const written = parts.map((part, at) => (part.with(texts[at]!) as { delta: Fields }).delta)
      const calls = written.flatMap(({ tool_calls: each }) => (isList(each) ? each : []))
      const said = {
        ...message,
        ...Object.assign({}, ...written),
        ...(calls.length > 0 && { tool_calls: calls }),
      }
      return { ...choice, logprobs: null, message: said }
    },
    end: (said, finish_reason) => ({
      ...choice,
      logprobs: null,
      finish_reason,
      message: { role: message.role ?? 'assistant', content: said, refusal: null },
    }),
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
