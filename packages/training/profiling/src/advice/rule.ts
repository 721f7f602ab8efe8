/** A rule of advice: a number, its cause, and the recommended change. */

import type { Facts } from '../facts.ts'
import type { TraceSummary } from '../summary/summary.ts'

export interface Advice {
  /** Its rule. */
  readonly rule: string
  /** Affected share of the counted time or of memory, 0 to 1; a larger share matters more. */
  readonly share: number
  /** With its number: `37 % of the step is layout copies, most of them in layers.*.attention`. */
  readonly sentence: string
  readonly cause: string
  readonly change: string
}

export interface Judged {
  readonly summary: TraceSummary
  readonly facts: Facts
  readonly thresholds: Thresholds
}

/** Undefined if the rule does not apply. */
export interface Rule {
  readonly name: string
  judge(judged: Judged): Advice | undefined
}

export interface Thresholds {
  readonly [rule: string]: number
}

/** `37 %`, `0.4 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.0095 ? 1 : 0)} %`

/** The whole that shares refer to, for a sentence. */
export const whole = ({ counts }: TraceSummary): string => (counts === 'steps' ? 'the step' : 'the trace')

export const unit = ({ counts }: TraceSummary): string => (counts === 'steps' ? 'step' : 'trace')

/** Share of self time in operators whose name matches. */
export function shareOfOperators({ operators }: TraceSummary, fits: (name: string) => boolean): number {
  return operators.reduce((sum, { name, share }) => (fits(name) ? sum + share : sum), 0)
}

export const isProduct = (name: string): boolean =>
  /^(aten::(addmm|mm|bmm|baddbmm|_int_mm|_addmm_activation|mkldnn_linear)|mkldnn::|.*gemm)/.test(name)
export const isConvolution = (name: string): boolean => /conv(olution)?(_|$|\d|::)/.test(name)
export const isAttention = (name: string): boolean => name.includes('scaled_dot_product')
