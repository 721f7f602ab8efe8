/** Parses a response: reasoning first, then text with calls. Families supply the call format. */

import type { OutputParser } from '../conversation.ts'
import { AnswerParts } from './answer-parts.ts'
import { Incoming, type Reading } from './incoming.ts'

export interface ReasoningMarks {
  readonly start: string
  readonly end: string
}

/** State of a parse. */
export interface Answer {
  readonly incoming: Incoming
  readonly parts: AnswerParts
  /** Calls are parsed only if there are tools. */
  readonly tools: ReadonlyMap<string, { readonly parameters?: unknown }>
  readonly reasoning?: ReasoningMarks
  readonly begins: Prefix
}

/** Where the prompt ended; `amid` a text to be continued. */
export type Prefix = 'anew' | 'in reasoning' | 'amid reasoning' | 'amid content'

export type AnswerReader = (answer: Answer) => Reading<void>

export interface CallMarks {
  /** Texts that start calls. */
  readonly begins: readonly string[]
  /** Texts inside or at the end of calls: a remainder of one in truncated output is not text. */
  readonly within?: readonly string[]
  /** A call also ends unclosed reasoning. */
  readonly endReasoning?: boolean
  /** Continues after `begin`; false if the text since the last commit was not a call. */
  read(answer: Answer, begin: string): Reading<boolean>
  /** Calls without a marker, only at the start of a text. */
  readBare?(answer: Answer): Reading<boolean>
}

/** A parser that runs `read`. `newId` generates ids for formats without them. */
export function parserOf(
  read: AnswerReader,
  answer: Omit<Answer, 'incoming' | 'parts'>,
  newId: () => string,
): OutputParser {
  const incoming = new Incoming()
  const parts = new AnswerParts(newId, answer.tools.size > 0)
  const run = read({ ...answer, incoming, parts })
  return {
    push(text) {
      incoming.push(text)
      run.next()
      return parts.drain()
    },
    end() {
      incoming.end()
      run.next()
      parts.end()
      return parts.drain()
    },
  }
}

/** Parses a response with calls embedded in text. */
export function* readMarked(answer: Answer, calls: CallMarks): Reading<void> {
  const { incoming, parts, tools, begins } = answer
  const marks = tools.size > 0 ? calls.begins : []
  let begin: string | undefined
  if (begins !== 'amid content') {
    const found = yield* readReasoning(answer, calls.endReasoning === true ? marks : [])
    if (found === 'unclosed') return
    begin = found
  }
  if (begin === undefined && tools.size > 0 && calls.readBare !== undefined && begins !== 'amid content')
    yield* attempt(answer, '', calls.readBare(answer))
  const isCutMark = (text: string): boolean =>
    incoming.ended && [...marks, ...(calls.within ?? [])].some((mark) => mark.startsWith(text.trimStart()))
  for (;;) {
    begin ??= yield* incoming.until(marks, (text) => {
      if (!(parts.endsInCall && isCutMark(text))) parts.content(text)
    })
    if (begin === undefined) return
    yield* attempt(answer, begin, calls.read(answer, begin))
    begin = undefined
  }
}

/** A failed call is text, except a truncated one after another call. */
function* attempt({ incoming, parts }: Answer, begin: string, reading: Reading<boolean>): Reading<void> {
  incoming.attempt(begin)
  const good = yield* reading
  const taken = incoming.endAttempt()
  const isCutCall = parts.endsInCall && incoming.ended && incoming.text === ''
  if (!good && taken !== '' && !isCutCall) parts.content(taken)
}

/** Returns the call marker if one ended the reasoning. */
function* readReasoning(
  { incoming, parts, reasoning, begins }: Answer,
  callMarks: readonly string[],
): Reading<string | undefined> {
  if (reasoning === undefined) return undefined
  if (begins === 'amid reasoning') parts.goesOn('reasoning')
  else {
    const space = yield* incoming.space()
    const started = yield* incoming.takes(reasoning.start)
    if (!started && begins !== 'in reasoning') {
      parts.content(space)
      return undefined
    }
  }
  const end = yield* incoming.until([reasoning.end, ...callMarks], (text) => parts.reasoning(text))
  parts.separate()
  if (end === undefined) return 'unclosed'
  return end === reasoning.end ? undefined : end
}
