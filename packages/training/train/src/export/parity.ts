/** Judges whether an export equals its source model: limits per precision, a verdict, and its text. Pure. */

import type { LogitComparison, LogitDifference } from './compare-logits.ts'
import type { GgufPrecision } from './gguf-types.ts'

export interface ParityLimits {
  /** Limit of the mean divergence, in nats. */
  readonly meanDivergence: number
  /** Limit of the divergence of one token. */
  readonly maxDivergence: number
  /** Share of tokens with the same likeliest next one, at least. */
  readonly agreement: number
}

/**
 * A few times what correct exports measure (docs/export.md has the measurements), including models with experts, where rounding
 * sometimes changes a token's routing; far below the effect of a wrong permutation or position, which is whole nats.
 *
 * @internal
 */
export const parityLimits: Readonly<Record<GgufPrecision, ParityLimits>> = {
  F32: { meanDivergence: 1e-6, maxDivergence: 1e-4, agreement: 0.99 },
  F16: { meanDivergence: 2e-4, maxDivergence: 0.05, agreement: 0.97 },
  BF16: { meanDivergence: 4e-3, maxDivergence: 0.2, agreement: 0.93 },
  Q8_0: { meanDivergence: 6e-3, maxDivergence: 0.3, agreement: 0.9 },
  Q4_K: { meanDivergence: 0.15, maxDivergence: 2, agreement: 0.7 },
  Q4_0: { meanDivergence: 0.25, maxDivergence: 3, agreement: 0.6 },
}

export interface ParityReport extends LogitComparison {
  readonly format: 'gguf' | 'safetensors'
  readonly precision: GgufPrecision
  /** The model exported, and the reader used to load the export. */
  readonly model: string
  readonly readBy: string
  readonly vocabulary: number
  /** The model was compared on the type's own grid, for which it was trained: only kernel rounding differs. */
  readonly isTrainedFor?: true
  /** For an adapter: the difference of the base model without it. */
  readonly withoutAdapter?: LogitDifference
  readonly limits: ParityLimits
  /** Every limit that was broken, as a sentence; empty when it passes. */
  readonly issues: readonly string[]
  readonly verdict: 'pass' | 'fail'
}

/** Share of an adapter's mean divergence; an omitted or permuted matrix is a far larger share. */
const adapterShare = 0.01

/** Tolerance between two fp32 implementations of the same computation, in nats. */
const rounding = 1e-8

/**
 * With `withoutAdapter` the export is an adapter, whose limit is a share of its effect.
 *
 * @internal
 */
export function judgeParity(
  subject: Pick<ParityReport, 'format' | 'precision' | 'model' | 'readBy' | 'vocabulary' | 'isTrainedFor'>,
  comparison: LogitComparison,
  withoutAdapter?: LogitDifference,
): ParityReport {
  // The weights are equal; only the rounding of activations in integer kernels remains.
  const usual = parityLimits[subject.isTrainedFor ? 'Q8_0' : subject.precision]
  const share = withoutAdapter
    ? adapterShare * withoutAdapter.meanDivergence + rounding
    : usual.meanDivergence
  const limits = { ...usual, meanDivergence: Math.min(usual.meanDivergence, share) }
  const issues = brokenLimits(comparison.overall, limits)
  const verdict = issues.length === 0 ? 'pass' : 'fail'
  return { ...subject, ...comparison, ...(withoutAdapter && { withoutAdapter }), limits, issues, verdict }
}

/** Written so that NaN breaks its limit. */
function brokenLimits(found: LogitDifference, limits: ParityLimits): string[] {
  const issues: string[] = []
  if (!(found.tokens > 0)) issues.push('no token was compared')
  if (!(found.meanDivergence <= limits.meanDivergence))
    issues.push(`the mean divergence is ${show(found.meanDivergence)}, above ${brief(limits.meanDivergence)}`)
  if (!(found.maxDivergence <= limits.maxDivergence))
    issues.push(`the largest divergence is ${show(found.maxDivergence)}, above ${limits.maxDivergence}`)
  if (!(found.agreement >= limits.agreement))
    issues.push(
      `${percent(found.agreement)} of likeliest tokens are the same, below ${percent(limits.agreement)}`,
    )
  return issues
}

/**
 * As a Markdown page.
 *
 * @internal
 */
export function describeParity(report: ParityReport): string {
  const { format, precision, model, readBy, prompts, overall, withoutAdapter, limits, issues, verdict } =
    report
  const row = (name: string, d: LogitDifference): string =>
    `| ${[name, d.tokens, ...[d.maxDifference, d.meanDifference, d.maxDivergence, d.meanDivergence].map(show), percent(d.agreement)].join(' | ')} |`
  return [
    `# ${model} as ${format}, ${precision}: ${verdict}`,
    '',
    `The export, read by ${readBy}, against the model ${report.isTrainedFor ? `as it was trained, rounded to ${precision}` : 'in fp32'}. Divergence is Kullback-Leibler's, in nats a token.`,
    '',
    '| Text | Tokens | Largest difference of a logit | Mean | Largest divergence | Mean | Same likeliest token |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...prompts.map((prompt) => row(prompt.name, prompt)),
    row('all', overall),
    ...(withoutAdapter ? [row('without the adapter', withoutAdapter)] : []),
    `| limits | | | | ${limits.maxDivergence} | ${brief(limits.meanDivergence)} | ${percent(limits.agreement)} |`,
    ...(issues.length > 0 ? ['', ...issues.map((issue) => `- ${issue}`)] : []),
    '',
  ].join('\n')
}

const show = (value: number): string => (value === 0 ? '0' : value.toPrecision(3))

/** Without zeros at the end. */
const brief = (value: number): string => String(Number(value.toPrecision(3)))

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
