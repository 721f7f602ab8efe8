/** Numbers of spans. */

import type { Span } from '../trace.ts'

/** 0 if absent. */
export const numberOf = ({ args }: Span, name: string): number => {
  const value = args?.[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

export const total = (spans: readonly Span[], of: (span: Span) => number): number =>
  spans.reduce((sum, span) => sum + of(span), 0)
