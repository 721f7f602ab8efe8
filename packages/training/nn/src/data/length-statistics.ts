/** Token lengths of documents, and the effect of a window length on them. Pure. */

import type { MaskedTokens } from './windows.ts'

export interface LengthStatistics {
  readonly documents: number
  readonly tokens: number
  /** Tokens that carry loss. */
  readonly learnt: number
  readonly mean: number
  /** Nearest rank: the least length that at least this percentage do not exceed. */
  readonly percentiles: Readonly<
    Record<'p0' | 'p10' | 'p25' | 'p50' | 'p75' | 'p90' | 'p95' | 'p99' | 'p100', number>
  >
  /** Shares from 0 to 1, of a window that takes `limit` tokens of a document. */
  readonly truncated: { readonly limit: number; readonly documents: number; readonly tokens: number }
}

/**
 * All zero for no documents. `limit` is how many tokens of a document are kept: a window's length and one.
 *
 * @internal
 */
export function lengthStatistics(documents: readonly MaskedTokens[], limit: number): LengthStatistics {
  const lengths = Float64Array.from(documents, ({ tokens }) => tokens.length).sort()
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const learnt = documents.reduce((sum, { learn }) => sum + learn.filter(Boolean).length, 0)
  const long = lengths.filter((length) => length > limit)
  const lost = long.reduce((sum, length) => sum + length - limit, 0)
  const at = (percent: number): number =>
    lengths[Math.max(0, Math.ceil((percent / 100) * lengths.length) - 1)] ?? 0
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  return {
    documents: lengths.length,
    tokens,
    learnt,
    mean: share(tokens, lengths.length),
    percentiles: {
      p0: at(0),
      p10: at(10),
      p25: at(25),
      p50: at(50),
      p75: at(75),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p100: at(100),
    },
    truncated: { limit, documents: share(long.length, lengths.length), tokens: share(lost, tokens) },
  }
}
