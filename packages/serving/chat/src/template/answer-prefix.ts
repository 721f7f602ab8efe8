/** The end of a prompt, where the response starts: disabled reasoning, and prefilled text to be continued. */

import type { Message } from '../conversation.ts'
import type { Family } from '../families/family.ts'
import type { ReasoningMarks } from '../parse/answer.ts'
import type { ReasoningState } from '../reasoning.ts'

/** A prompt, and the state of the response at its end. */
export interface AnswerPlace {
  readonly text: string
  readonly state: ReasoningState
  /** The response continues text that is already in the prompt. */
  readonly continues: boolean
}

/** `unheard`: the template ignores the request to disable reasoning. */
export function withoutReasoning(place: AnswerPlace, marks: ReasoningMarks, unheard: boolean): AnswerPlace {
  const { text, state } = place
  if (state === 'open') return { ...place, text: text + marks.end, state: 'done' }
  if (state === 'free' && unheard)
    return { ...place, text: `${text}${marks.start}\n\n${marks.end}\n\n`, state: 'done' }
  return place
}

/** If the opening marker is on a separate line, the closing one is as well. */
const closing = (opened: string, { end }: ReasoningMarks): string =>
  /\n$/.test(opened) ? `\n${end}\n\n` : end

/** Appends the prefilled start of the response to the prompt. */
export function withPrefix(
  { text, state }: AnswerPlace,
  { reasoning = '', content }: Message,
  marks: ReasoningMarks | undefined,
  { channels }: Family,
): AnswerPlace {
  let prompt = text
  let reached = state
  if (marks !== undefined && state !== 'done' && (reasoning !== '' || state === 'open')) {
    if (state === 'free') prompt += channels === undefined ? `${marks.start}\n` : marks.start
    const opened = prompt
    prompt += reasoning
    reached = 'open'
    if (content !== '') {
      prompt += channels === undefined ? closing(opened, marks) : marks.end + channels.next
      reached = 'done'
    }
  }
  if (content === '')
    return { text: prompt, state: reached, continues: reasoning !== '' && reached === 'open' }
  return { text: prompt + (channels?.text ?? '') + content, state: 'done', continues: true }
}
