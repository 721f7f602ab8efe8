/** Limits on length and repetition. Reads the original only; views are not longer. */

import type { Check, Finding } from '../check.ts'

export interface Limits {
  /** In UTF-16 units. */
  readonly maxCharacters?: number | undefined
  readonly maxTokens?: number | undefined
  readonly maxLines?: number | undefined
  /** Maximum length, in UTF-16 units, of a run that repeats up to 64 characters. */
  readonly maxRepeats?: number | undefined
  /** The model's tokenizer; absent: `estimateTokens`. */
  readonly countTokens?: ((text: string) => number) | undefined
}

/**
 * Omitted limits do not apply.
 *
 * @example
 * ```ts
 * import { createGuard, limitsCheck } from '@hadal/guard'
 *
 * const check = limitsCheck({ maxCharacters: 10_000, maxLines: 500 })
 * const guard = createGuard({ policy: 'off', checks: [{ name: 'length', layer: 'rules', check, action: 'block' }] })
 * const { action } = await guard.screen('\n'.repeat(600)) // → 'block'
 * ```
 */
export function limitsCheck({
  maxCharacters,
  maxTokens,
  maxLines,
  maxRepeats,
  countTokens = estimateTokens,
}: Limits): Check {
  return ({ text }) => {
    const findings: Finding[] = []
    const beyond = (rule: string, start: number, end: number, why: string): void => {
      findings.push({ rule: `limit.${rule}`, span: { start, end }, view: 'original', why })
    }
    if (maxCharacters !== undefined && text.length > maxCharacters)
      beyond(
        'characters',
        maxCharacters,
        text.length,
        `${text.length} characters, ${maxCharacters} are allowed`,
      )
    // Other limits are irrelevant for a text that is already too long.
    else {
      const tokens = maxTokens === undefined ? 0 : countTokens(text)
      if (maxTokens !== undefined && tokens > maxTokens)
        beyond('tokens', 0, text.length, `${tokens} tokens, ${maxTokens} are allowed`)
      const line = maxLines === undefined ? undefined : startOfLine(text, maxLines)
      if (line !== undefined) beyond('lines', line, text.length, `more than ${maxLines} lines`)
      const run = maxRepeats === undefined ? undefined : repeatLongerThan(text, maxRepeats)
      if (run !== undefined)
        beyond('repeats', run.start, run.end, `the same ${run.period} characters over ${run.end - run.start}`)
    }
    return { findings, ...(findings.length > 0 && { suspicion: 1 }) }
  }
}

/**
 * Approximates modern tokenizers: four letters of a Latin word, one and a half Chinese characters, or two other characters per token. Use
 * the model's tokenizer if accuracy matters.
 *
 * @example
 * ```ts
 * import { estimateTokens } from '@hadal/guard'
 *
 * estimateTokens('How many tokens is this?') // → 6
 * ```
 */
export function estimateTokens(text: string): number {
  let [latin, han, other] = [0, 0, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x250) latin += 1
    else if (code >= 0x2e80 && code < 0xa000) han += 1
    else other += 1
  }
  return Math.ceil(latin / 4 + han / 1.5 + other / 2)
}

/** Start of the line after `lines` lines; undefined if there are fewer. */
function startOfLine(text: string, lines: number): number | undefined {
  let start = 0
  for (let line = 0; line < lines; line++) {
    const end = text.indexOf('\n', start)
    if (end < 0) return undefined
    start = end + 1
  }
  return start
}

const longestPeriod = 64
const noticed = 128

/**
 * The first run longer than `limit` that repeats its first characters, up to 64. Every such run covers a sample point, so only those are
 * compared.
 */
export function repeatLongerThan(
  text: string,
  limit: number,
): { readonly start: number; readonly end: number; readonly period: number } | undefined {
  const seen = Math.min(noticed, Math.floor(limit / 2))
  const stride = Math.max(1, limit - seen)
  for (let sample = 0; sample + seen <= text.length; sample += stride) {
    for (let period = 1; period <= longestPeriod && period < Math.max(2, seen); period++) {
      if (!repeats(text, sample, sample + seen, period)) continue
      let [start, end] = [sample, sample + seen]
      while (start > 0 && text.charCodeAt(start - 1) === text.charCodeAt(start - 1 + period)) start -= 1
      while (end < text.length && text.charCodeAt(end) === text.charCodeAt(end - period)) end += 1
      if (end - start > limit) return { start, end, period }
      break
    }
  }
  return undefined
}

function repeats(text: string, start: number, end: number, period: number): boolean {
  for (let at = start + period; at < end; at++)
    if (text.charCodeAt(at) !== text.charCodeAt(at - period)) return false
  return true
}
