/** Charts of the selected range: latencies against the SLO, throughput, queue, KV cells. */

import { memo, type ReactNode, useMemo } from 'react'
import { Card, formatCount, formatMillis, formatPercent, LineChart } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { Point } from '../history/history.ts'
import type { HistogramName } from '../history/read-sample.ts'
import { liveWords } from '../words.ts'
import { rate } from './live-stats.tsx'

export interface HistoryChartsProps {
  readonly points: readonly Point[]
  /** SLO targets, if configured. */
  readonly ttftMillis?: number
  readonly itlMillis?: number
  readonly e2eMillis?: number
}

const group = 'live'

/** Drawn again only when there are new points. */
export const HistoryCharts = memo(function HistoryCharts(props: HistoryChartsProps): ReactNode {
  const { points, ttftMillis, itlMillis, e2eMillis } = props
  const say = useMessages(liveWords)
  const x = useMemo(() => points.map(({ at }) => at), [points])
  const of = (read: (point: Point) => number | null): (number | null)[] => points.map(read)
  const latency = (
    name: HistogramName,
    title: string,
    lead: string,
    promise: number | undefined,
  ): ReactNode => (
    <Card title={title} lead={lead}>
      <LineChart
        label={title}
        x={x}
        xKind="time"
        series={[
          { label: say.p50, values: of(({ p50 }) => p50[name]), color: 1 },
          { label: say.p99, values: of(({ p99 }) => p99[name]), color: 2, isDashed: true },
        ]}
        format={formatMillis}
        marks={promise === undefined ? undefined : [{ value: promise, label: say.slo }]}
        group={group}
      />
    </Card>
  )
  return (
    <div className="live-charts">
      {latency('ttft', say.ttft, say.ttftWhat, ttftMillis)}
      {latency('itl', say.itl, say.itlWhat, itlMillis)}
      {latency('e2e', say.e2e, say.e2eWhat, e2eMillis)}
      <Card title={say.throughput} lead={say.throughputWhat}>
        <LineChart
          label={say.throughput}
          x={x}
          xKind="time"
          series={[
            {
              label: say.written,
              values: of(({ newTokensRate }) => newTokensRate),
              color: 1,
              isFilled: true,
            },
            {
              label: say.read,
              values: of(({ promptTokensRate }) => promptTokensRate),
              color: 2,
              isDashed: true,
            },
          ]}
          format={(value) => `${rate(value)} tok/s`}
          group={group}
        />
      </Card>
      <Card title={say.line} lead={say.lineWhat}>
        <LineChart
          label={say.line}
          x={x}
          xKind="time"
          series={[
            { label: say.running, values: of(({ running }) => running), color: 1 },
            { label: say.waiting, values: of(({ waiting }) => waiting), color: 2, isDashed: true },
          ]}
          format={formatCount}
          group={group}
        />
      </Card>
      <Card title={say.cells} lead={say.cellsWhat}>
        <LineChart
          label={say.cells}
          x={x}
          xKind="time"
          series={[
            { label: say.inUse, values: of(({ kvCacheUsage }) => kvCacheUsage), color: 1, isFilled: true },
            { label: say.hitShare, values: of(({ hitShare }) => hitShare), color: 3, isDashed: true },
          ]}
          format={formatPercent}
          group={group}
        />
      </Card>
    </div>
  )
})
