/** Reasoning markers of models, and the state of a prompt: before, in or after reasoning. */

import type { ReasoningMarks } from './parse/answer.ts'

const known: readonly ReasoningMarks[] = [
  { start: '<think>', end: '</think>' },
  { start: '[THINK]', end: '[/THINK]' },
  { start: '<seed:think>', end: '</seed:think>' },
  { start: '<|START_THINKING|>', end: '<|END_THINKING|>' },
  { start: '<|channel>thought', end: '<channel|>' },
]

/** Markers in a template; undefined for models without reasoning. */
export function reasoningMarks(template: string): ReasoningMarks | undefined {
  return known.find(({ start, end }) => template.includes(start) || template.includes(end))
}

/** `open`: in reasoning; `done`: after it; `free`: may begin with it. */
export type ReasoningState = 'free' | 'open' | 'done'

export function reasoningState(prompt: string, { start, end }: ReasoningMarks): ReasoningState {
  const text = prompt.trimEnd()
  if (text.endsWith(start)) return 'open'
  return text.endsWith(end) ? 'done' : 'free'
}
