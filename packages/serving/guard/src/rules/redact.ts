/** Replaces findings. Pure. */

import type { Finding, Span } from '../check.ts'

/** A redacted span of a text. */
export interface Redaction {
  readonly rule: string
  readonly span: Span
  readonly replacement: string
}

const unnamed = '[redacted]'

/**
 * Disjoint and ordered. Overlapping findings merge into one redaction with the replacement of the earliest, and at equal starts of the
 * first listed, so list the most severe first. A replacement is thus known before the redaction's end. Adjacent redactions with equal
 * replacements merge as well.
 */
export function redactionsOf(
  findings: readonly Pick<Finding, 'rule' | 'span' | 'replacement'>[],
): readonly Redaction[] {
  const merged: Redaction[] = []
  for (const { rule, span, replacement = unnamed } of findings.toSorted(
    (a, b) => a.span.start - b.span.start,
  )) {
    if (span.end <= span.start) continue
    const last = merged.at(-1)
    if (last === undefined || !joins(last, span.start, replacement)) merged.push({ rule, span, replacement })
    else if (span.end > last.span.end) merged[merged.length - 1] = lengthened(last, span.end)
  }
  return merged
}

/** True if a span at `start` merges into the previous redaction. */
export function joins(last: Redaction, start: number, replacement: string): boolean {
  return start < last.span.end || (start === last.span.end && replacement === last.replacement)
}

export const lengthened = (redaction: Redaction, end: number): Redaction => ({
  ...redaction,
  span: { start: redaction.span.start, end },
})

/**
 * Replaces every finding by its `replacement`, default `[redacted]`.
 *
 * @example
 * ```ts
 * import { redact } from '@hadal/guard'
 *
 * redact('call 555 now', [{ rule: 'phone', span: { start: 5, end: 8 }, replacement: '[phone]' }]) // → 'call [phone] now'
 * ```
 */
export function redact(
  text: string,
  findings: readonly Pick<Finding, 'rule' | 'span' | 'replacement'>[],
): string {
  let [redacted, at] = ['', 0]
  for (const { span, replacement } of redactionsOf(findings)) {
    redacted += text.slice(at, span.start) + replacement
    at = span.end
  }
  return redacted + text.slice(at)
}
