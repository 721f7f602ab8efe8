/**
 * A model's history over minutes, hours and the day: three ring buffers of bounded size. A point covers the time since the previous one;
 * its quantiles use a longer window.
 */

import { quantile, since } from './histogram.ts'
import type { GaugeName, HistogramName, Sample } from './read-sample.ts'

export type Span = '5m' | '1h' | '24h'

export const spans: readonly Span[] = ['5m', '1h', '24h']

interface Level {
  readonly everyMillis: number
  readonly points: number
  readonly windowMillis: number
  /** Longest interval between two polls that is bridged: browsers let a hidden tab poll once a minute. */
  readonly gapMillis: number
}

const minute = 60_000

export const levels: Readonly<Record<Span, Level>> = {
  '5m': { everyMillis: 2_000, points: 150, windowMillis: 30_000, gapMillis: 6_000 },
  '1h': { everyMillis: 20_000, points: 180, windowMillis: minute, gapMillis: 3 * minute },
  '24h': { everyMillis: 5 * minute, points: 288, windowMillis: 5 * minute, gapMillis: 15 * minute },
}

/** Rates are per second, latencies milliseconds; null where nothing is known, or nothing happened. */
export interface Point {
  readonly at: number
  readonly newTokensRate: number | null
  readonly promptTokensRate: number | null
  readonly requestsRate: number | null
  readonly preemptions: number | null
  /** Share of looked-up prompt tokens that were found in the cache. */
  readonly hitShare: number | null
  /** The most there was. */
  readonly running: number | null
  readonly waiting: number | null
  readonly kvCacheUsage: number | null
  readonly p50: Readonly<Record<HistogramName, number | null>>
  readonly p99: Readonly<Record<HistogramName, number | null>>
}

/** Samples come a little early or late; a point is not put off by a whole step for that. */
const earlyMillis = 200

const none = { ttft: null, itl: null, e2e: null } as const
const nothing = {
  newTokensRate: null,
  promptTokensRate: null,
  requestsRate: null,
  preemptions: null,
  hitShare: null,
  running: null,
  waiting: null,
  kvCacheUsage: null,
  p50: none,
  p99: none,
} as const

export class History {
  readonly #rings = new Map(spans.map((span) => [span, new Ring(levels[span])]))

  readonly #joined = new Map<Span, Record<'points' | 'fine' | 'all', readonly Point[]>>()

  add(sample: Sample): void {
    for (const ring of this.#rings.values()) ring.add(sample)
  }

  /** The oldest first, and behind the last of a long span those of shorter ones; a new array whenever there is a new point. */
  points(span: Span): readonly Point[] {
    const { points } = this.#rings.get(span)!
    const shorter = spans[spans.indexOf(span) - 1]
    if (shorter === undefined) return points
    const fine = this.points(shorter)
    const known = this.#joined.get(span)
    if (known?.points === points && known.fine === fine) return known.all
    const from = points.at(-1)?.at ?? Number.NEGATIVE_INFINITY
    const all = [...points, ...fine.filter(({ at }) => at > from)]
    this.#joined.set(span, { points, fine, all })
    return all
  }
}

class Ring {
  points: readonly Point[] = []
  readonly #level: Level
  /** Samples at the points of the window, the oldest first: what quantiles and rates are counted from. */
  #marks: Sample[] = []
  #most: Partial<Record<GaugeName, number>> = {}

  constructor(level: Level) {
    this.#level = level
  }

  add(sample: Sample): void {
    const { everyMillis, windowMillis, gapMillis } = this.#level
    const last = this.#marks.at(-1)
    if (last !== undefined && sample.at < last.at) {
      // This machine's clock was set back: existing points would be later than new ones.
      if (last.at - sample.at > gapMillis) [this.points, this.#marks, this.#most] = [[], [sample], {}]
      return
    }
    for (const name of Object.keys(sample.gauges) as GaugeName[])
      this.#most[name] = Math.max(this.#most[name] ?? 0, sample.gauges[name])
    if (last !== undefined && sample.at - last.at < everyMillis - earlyMillis) return
    const isGap = last !== undefined && sample.at - last.at > gapMillis
    if (last === undefined || isGap || beganAnew(last, sample)) {
      this.#marks = [sample]
      if (last !== undefined) this.#push({ at: sample.at, ...nothing })
    } else {
      const from = this.#marks.find(({ at }) => sample.at - at <= windowMillis) ?? last
      this.#push(pointOf(last, from, sample, this.#most))
      this.#marks = [...this.#marks.filter(({ at }) => sample.at - at <= windowMillis), sample]
    }
    this.#most = {}
  }

  #push(point: Point): void {
    this.points = [...this.points.slice(1 - this.#level.points), point]
  }
}

/** Counters never fall while a server lives. */
const beganAnew = ({ counters: before }: Sample, { counters: now }: Sample): boolean =>
  (Object.keys(before) as (keyof typeof before)[]).some((name) => now[name] < before[name])

function pointOf(last: Sample, from: Sample, now: Sample, most: Partial<Record<GaugeName, number>>): Point {
  const seconds = (now.at - last.at) / 1000
  const change = (name: keyof Sample['counters']): number => now.counters[name] - last.counters[name]
  const queries = change('prefixQueries')
  const at = (share: number): Point['p50'] => {
    const of = (name: HistogramName): number | null => {
      const histogram = now.histograms[name]
      if (histogram === undefined) return null
      const seconds = quantile(since(from.histograms[name], histogram), share)
      return seconds === undefined ? null : seconds * 1000
    }
    return { ttft: of('ttft'), itl: of('itl'), e2e: of('e2e') }
  }
  return {
    at: now.at,
    newTokensRate: change('newTokens') / seconds,
    promptTokensRate: change('promptTokens') / seconds,
    requestsRate: change('finished') / seconds,
    preemptions: change('preemptions'),
    hitShare: queries > 0 ? change('prefixHits') / queries : null,
    running: most.running ?? null,
    waiting: most.waiting ?? null,
    kvCacheUsage: most.kvCacheUsage ?? null,
    p50: at(0.5),
    p99: at(0.99),
  }
}
