/** Tokens for display: a character spanning several tokens shares a cell with them, and invalid bytes are shown as numbers. */

import type { Token } from '../../conversation.ts'

export interface TokenCell {
  readonly text: string
  /** The tokens of it: from `first`, as many as `count`. */
  readonly first: number
  readonly count: number
  /** Sum over all of them. */
  readonly logprob: number
}

/** Longer than any UTF-8 character needs: the limit of tokens that form one cell. */
const maxTokens = 4

/** The cell that begins with the token `first`. */
export function cellAt(tokens: readonly Token[], first: number): TokenCell {
  const bytes: number[] = []
  let logprob = 0
  for (let count = 1; count <= maxTokens && first + count <= tokens.length; count++) {
    const token = tokens[first + count - 1]!
    logprob += token.logprob
    // Special tokens have a name and no bytes.
    if (token.bytes.length === 0) {
      if (count > 1) break
      return { text: token.text, first, count: 1, logprob }
    }
    bytes.push(...token.bytes)
    const text = decoded(bytes)
    if (text !== undefined) return { text, first, count, logprob }
  }
  const { bytes: alone, logprob: own } = tokens[first]!
  return { text: hexOf(alone), first, count: 1, logprob: own }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Undefined if the bytes are not whole characters. */
export function decoded(bytes: readonly number[]): string | undefined {
  try {
    return strict.decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}

/** `⟨E4 BD⟩`. */
export const hexOf = (bytes: readonly number[]): string =>
  `⟨${bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ')}⟩`

/** Display text of a single token: its text, or its bytes if they are a partial character. */
export function tokenText(token: { readonly text: string; readonly bytes: readonly number[] }): string {
  return token.bytes.length === 0 ? token.text : (decoded(token.bytes) ?? hexOf(token.bytes))
}

/** 0: likely, or as good as; 1: below 60 %; 2: below 30 %; 3: below 10 %. */
export function doubtOf(logprob: number): 0 | 1 | 2 | 3 {
  const probability = Math.exp(logprob)
  if (probability < 0.1) return 3
  if (probability < 0.3) return 2
  return probability < 0.6 ? 1 : 0
}

export interface TokenSummary {
  readonly count: number
  /** The geometric mean of the probabilities. */
  readonly mean: number
  readonly perplexity: number
}

/** Undefined without tokens. A probability of zero, which some servers report as -9999 or -Infinity, counts as e^-100. */
export function tokenSummary(tokens: readonly Token[]): TokenSummary | undefined {
  if (tokens.length === 0) return undefined
  let sum = 0
  for (const { logprob } of tokens) sum += Math.max(-100, Number.isFinite(logprob) ? logprob : -100)
  const mean = Math.exp(sum / tokens.length)
  return { count: tokens.length, mean, perplexity: 1 / mean }
}
