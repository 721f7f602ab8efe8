/**
 * Reads an answer: reasoning first, then text with calls in it. How a family marks its calls it is told. Knows no family.
 */

import type { OutputParser } from '../conversation.ts'
import { AnswerParts } from './answer-parts.ts'
import { Incoming, type Reading } from './incoming.ts'

export interface ReasoningMarks {
  readonly start: string
  readonly end: string
}

/** What a reader works on. */
export interface Answer {
  readonly incoming: Incoming
  readonly parts: AnswerParts
  /** Calls are looked for only where there are tools. */
  readonly tools: ReadonlyMap<string, { readonly parameters?: unknown }>
  readonly reasoning?: ReasoningMarks
  readonly begins: Beginning
}

/** Where the prompt left off: `amid` a text that is to be continued. */
export type Beginning = 'anew' | 'in reasoning' | 'amid reasoning' | 'amid content'

export type AnswerReader = (answer: Answer) => Reading<void>

export interface CallMarks {
  /** Texts that begin calls. */
  readonly begins: readonly string[]
  /** Texts that stand in calls or end them: what is left of one where the answer was cut off is no text. */
  readonly within?: readonly string[]
  /** A call also ends reasoning that was not closed. */
  readonly endReasoning?: boolean
  /** Reads on after `begin`; false when what was taken since the last commit was no call after all, but text. */
  read(answer: Answer, begin: string): Reading<boolean>
  /** Calls without a mark, at the beginning of a text only. */
  readBare?(answer: Answer): Reading<boolean>
}

/** A parser that runs `read`. `newId` names calls whose markup has no ids. */
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

/** Reads an answer whose calls stand in its text. */
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

/** What turns out to be no call is text, but for what is left after a call where the answer was cut off amid the next. */
function* attempt({ incoming, parts }: Answer, begin: string, reading: Reading<boolean>): Reading<void> {
  incoming.attempt(begin)
  const good = yield* reading
  const taken = incoming.endAttempt()
  const isCutCall = parts.endsInCall && incoming.ended && incoming.text === ''
  if (!good && taken !== '' && !isCutCall) parts.content(taken)
}

/** Returns the mark of a call when one ended it. */
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
