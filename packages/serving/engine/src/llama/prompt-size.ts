/** Estimates the length of a prompt before tokenisation. */

import type { Prompt } from '../engine.ts'

const charactersPerToken = 4

/** Tokens, estimated where unknown. */
export function promptSize(prompt: Prompt): number {
  if (typeof prompt === 'string') return Math.ceil(prompt.length / charactersPerToken)
  if ('pieces' in prompt) return prompt.pieces.reduce((sum, piece) => sum + promptSize(piece), 0)
  return prompt.length
}
