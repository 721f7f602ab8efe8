/** How models mark their reasoning, and where a prompt leaves them: before it, in it, or after it. */

import type { ReasoningMarks } from './parse/answer.ts'

const known: readonly ReasoningMarks[] = [
  { start: '<think>', end: '</think>' },
  { start: '[THINK]', end: '[/THINK]' },
  { start: '<seed:think>', end: '</seed:think>' },
  { start: '<|START_THINKING|>', end: '<|END_THINKING|>' },
  { start: '<|channel>thought', end: '<channel|>' },
]

/** The marks a template knows; undefined for models that do not reason. */
export function reasoningMarks(template: string): ReasoningMarks | undefined {
  return known.find(({ start, end }) => template.includes(start) || template.includes(end))
}

/** `open`: the model is in its reasoning; `done`: it is past it; `free`: it may begin with it. */
export type ReasoningState = 'free' | 'open' | 'done'

export function reasoningState(prompt: string, { start, end }: ReasoningMarks): ReasoningState {
  const text = prompt.trimEnd()
  if (text.endsWith(start)) return 'open'
  return text.endsWith(end) ? 'done' : 'free'
}
