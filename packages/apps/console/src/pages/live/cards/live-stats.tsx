/** The numbers at the top: how many, how fast, how soon, each with its last values. */

import type { LiveModel, LiveState } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { formatCount, formatMillis, formatPercent, Stat } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { Point } from '../history/history.ts'
import { liveWords } from '../words.ts'

export interface LiveStatsProps {
  readonly state: LiveState
  readonly model: LiveModel
  readonly points: readonly Point[]
}

const shownInTrend = 60

export function LiveStats({ state, model, points }: LiveStatsProps): ReactNode {
  const say = useMessages(liveWords)
  const { engine } = model
  const last = points.at(-1)
  const trend = (of: (point: Point) => number | null): number[] =>
    points.slice(-shownInTrend).flatMap((point) => of(point) ?? [])
  const { ttftMillis, itlMillis, e2eMillis } = state.slo ?? {}
  const latency = (
    label: string,
    of: (point: Point) => number | null,
    promise: number | undefined,
  ): ReactNode => {
    // The last that is known: requests come when they come.
    const value = points.slice(-shownInTrend).findLast((point) => of(point) !== null)
    const millis = value === undefined ? null : of(value)
    const isKept = promise === undefined || millis === null || millis <= promise
    return (
      <Stat
        label={label}
        value={formatMillis(millis)}
        hint={promise === undefined ? undefined : say.promised(formatMillis(promise), isKept)}
        tone={isKept ? 'plain' : 'bad'}
        trend={trend(of)}
      />
    )
  }
  return (
    <div className="stats live-stats">
      <Stat
        label={say.running}
        value={formatCount(engine?.running)}
        hint={engine === undefined ? undefined : say.ofPlaces(formatCount(engine.maxBatchSize))}
        trend={trend(({ running }) => running)}
      />
      <Stat
        label={say.waiting}
        value={formatCount(engine?.waiting)}
        hint={engine === undefined ? undefined : say.ofQueue(formatCount(engine.maxQueue))}
        tone={engine !== undefined && engine.waiting > 0 ? 'warn' : 'plain'}
        trend={trend(({ waiting }) => waiting)}
      />
      <Stat
        label={say.newTokens}
        value={perSecond(last?.newTokensRate)}
        hint={say.requestsRate(rate(last?.requestsRate))}
        trend={trend(({ newTokensRate }) => newTokensRate)}
      />
      {latency(say.ttft99, ({ p99 }) => p99.ttft, ttftMillis)}
      {latency(say.itl99, ({ p99 }) => p99.itl, itlMillis)}
      {latency(say.e2e99, ({ p99 }) => p99.e2e, e2eMillis)}
      <Stat
        label={say.cells}
        value={formatPercent(engine?.kvCacheUsage)}
        hint={say.ofContext(formatCount(engine?.contextLength))}
        trend={trend(({ kvCacheUsage }) => kvCacheUsage)}
      />
      <Stat
        label={say.cachedPrompts}
        value={formatPercent(
          points.slice(-shownInTrend).findLast(({ hitShare }) => hitShare !== null)?.hitShare,
        )}
        hint={say.preemptions(formatCount(last?.preemptions ?? 0))}
        trend={trend(({ hitShare }) => hitShare)}
      />
    </div>
  )
}

export const rate = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? '–'
    : formatCount(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10)

const perSecond = (value: number | null | undefined): string => `${rate(value)} tok/s`
