/** Curves of made-up values: a day of time, a run of 100,000 steps, a logarithmic axis, gaps, and none at all. */

import { type ReactNode, useState } from 'react'
import { Card, formatCount, formatMillis, LineChart } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { designPageWords } from './words.ts'

const minutes = Array.from({ length: 240 }, (_, at) => at)
const steps = Array.from({ length: 100_000 }, (_, at) => at)
const noise = (at: number): number => ((at * 7919) % 101) / 101
const wave = (at: number, by: number): number =>
  90 + 40 * Math.sin(at / (9 + by)) + 30 * noise(at * (by + 1)) + 60 * by

export function Charts(): ReactNode {
  const say = useMessages(designPageWords)
  const [start] = useState(() => Date.now() - 240 * 60_000)
  const x = minutes.map((at) => start + at * 60_000)
  return (
    <div className="columns">
      <Card title="TTFT">
        <LineChart
          label="TTFT"
          x={x}
          xKind="time"
          format={formatMillis}
          group="design"
          marks={[{ value: 500, label: 'SLO 500 ms' }]}
          series={[
            { label: 'P50', values: minutes.map((at) => wave(at, 0)), isFilled: true },
            { label: 'P99', values: minutes.map((at) => (at > 90 && at < 110 ? null : 200 + wave(at, 2))) },
          ]}
        />
      </Card>
      <Card title={say.charts}>
        <LineChart
          label={say.charts}
          x={x}
          xKind="time"
          format={formatCount}
          group="design"
          series={[0, 1, 2, 3, 4, 5].map((by) => ({
            label: `model-${by + 1}`,
            values: minutes.map((at) => wave(at, by)),
            isDashed: by > 3,
          }))}
        />
      </Card>
      <Card title="loss, 100,000 steps">
        <LineChart
          label="loss"
          x={steps}
          xKind="number"
          xLabel="step"
          format={formatCount}
          isLogarithmic
          series={[
            { label: 'train', values: steps.map((at) => 9 / (1 + at / 2000) + 0.3 + 0.2 * noise(at)) },
            {
              label: 'eval',
              values: steps.map((at) => (at % 5000 === 0 ? 9 / (1 + at / 2100) + 0.5 : null)),
              isDashed: true,
              isSparse: true,
            },
          ]}
        />
      </Card>
      <Card title={say.none}>
        <LineChart
          label={say.none}
          x={[]}
          xKind="time"
          format={formatCount}
          series={[{ label: 'P50', values: [] }]}
        />
      </Card>
    </div>
  )
}
