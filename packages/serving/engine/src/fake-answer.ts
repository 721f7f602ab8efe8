/** Output of the fake engine: each character is a token with probability one half, whatever precedes it. Pure. */

import type { GeneratedToken, GenerateRequest, Prompt, PromptToken, ThinkingLimit } from './engine.ts'
import { invalidToken } from './errors.ts'

const encoder = new TextEncoder()

export function charactersOf(prompt: Prompt): string[] {
  if (typeof prompt === 'string') return [...prompt]
  if ('pieces' in prompt) return [...prompt.pieces.join('')]
  return prompt.map(characterOf)
}

export function characterOf(token: number): string {
  if (!Number.isInteger(token) || token < 0 || token >= 0x110000) throw invalidToken(token, 0x110000)
  return String.fromCodePoint(token)
}

export const tokenOf = (character: string): number => character.codePointAt(0)!

/** All alternatives are the token itself. */
export function describe(character: string, topLogprobs: number): GeneratedToken {
  const bytes = [...encoder.encode(character)]
  const one = { token: tokenOf(character), text: character, bytes, logprob: Math.log(0.5) }
  return { ...one, top: Array.from({ length: topLogprobs }, () => one) }
}

/** The first token has no log-probability. */
export function describePrompt(prompt: readonly string[], topLogprobs: number): PromptToken[] {
  return prompt.map((character, index) => {
    const { logprob, ...token } = describe(character, topLogprobs)
    return index === 0 ? { ...token, top: [] } : { ...token, logprob }
  })
}

/** The token after `index` output tokens; undefined: end. Sequences that may not end yet get dots. */
export function tokenAt(
  index: number,
  answer: readonly string[],
  { ignoreEos = false, minTokens = 0, stopTokens = [] }: GenerateRequest,
): string | undefined {
  const character = answer[index]
  if (character === undefined) return ignoreEos || index < minTokens ? '.' : undefined
  return index < minTokens && stopTokens.includes(tokenOf(character)) ? '.' : character
}

/** As if the model had written `end` once the reasoning budget was used up. */
export function limitThinking(text: string, { budget, start, end }: ThinkingLimit): string {
  const opened = text.indexOf(start)
  if (opened < 0) return text
  const from = opened + start.length
  const closed = text.indexOf(end, from)
  const reasoning = [...text.slice(from, closed < 0 ? undefined : closed)]
  if (reasoning.length < budget) return text
  const after = closed < 0 ? '' : text.slice(closed + end.length)
  return text.slice(0, from) + reasoning.slice(0, budget).join('') + end + after
}
