/** Replaces what was found. Pure; knows nothing of how it was found. */

import type { Finding, Span } from '../check.ts'

/** One stretch of a text that was, or is to be, replaced. */
export interface Redaction {
  readonly rule: string
  readonly span: Span
  readonly replacement: string
}

const unnamed = '[redacted]'

/**
 * Disjoint and in order. Findings that overlap become one redaction with the replacement of the one that starts first, and of
 * those that start together of the one named first: name the severest first. So a replacement can be said before it is known
 * where the redaction ends. Neighbours that touch and are replaced alike become one, too.
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

/** Whether what starts at `start` becomes part of the redaction before it. */
export function joins(last: Redaction, start: number, replacement: string): boolean {
  return start < last.span.end || (start === last.span.end && replacement === last.replacement)
}

export const lengthened = (redaction: Redaction, end: number): Redaction => ({
  ...redaction,
  span: { start: redaction.span.start, end },
})

/**
 * The text with every finding replaced: by its `replacement`, or `[redacted]` where it has none.
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
