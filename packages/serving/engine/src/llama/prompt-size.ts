/** How long a prompt is before anybody has made tokens of it. */

import type { Prompt } from '../engine.ts'

const charactersPerToken = 4

/** Tokens, guessed where they are not known. */
export function promptSize(prompt: Prompt): number {
  if (typeof prompt === 'string') return Math.ceil(prompt.length / charactersPerToken)
  if ('pieces' in prompt) return prompt.pieces.reduce((sum, piece) => sum + promptSize(piece), 0)
  return prompt.length
}
