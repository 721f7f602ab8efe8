/** The charts of several runs, and their shared options: axis, smoothing, logarithmic scale. */

import { type ReactNode, useMemo, useState } from 'react'
import { Card, EmptyState, LineChart, Segmented, Switch } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { runWords } from '../words.ts'
import { type Axis, align, placesOf, smoothed } from './align.ts'
import { chartsOf, type RunChart, type ShownRun } from './charts-of.ts'

type Smoothing = 'none' | 'some' | 'much'
const shares: Readonly<Record<Smoothing, number>> = { none: 0, some: 0.8, much: 0.97 }

export function RunCharts({ runs }: { readonly runs: readonly ShownRun[] }): ReactNode {
  const say = useMessages(runWords)
  const [axis, setAxis] = useState<Axis>('step')
  const [smoothing, setSmoothing] = useState<Smoothing>('none')
  const [isLogarithmic, setLogarithmic] = useState(false)
  const charts = useMemo(() => chartsOf(runs, say), [runs, say])
  if (charts.length === 0) return <EmptyState title={say.noCurves}>{say.noCurvesText}</EmptyState>
  return (
    <>
      <div className="runs-tools">
        <Segmented
          label={say.axis}
          value={axis}
          options={[
            { value: 'step', label: say.axisStep },
            { value: 'time', label: say.axisTime },
            { value: 'units', label: say.axisUnits },
          ]}
          onChange={setAxis}
        />
        <Segmented
          label={say.smoothing}
          value={smoothing}
          options={[
            { value: 'none', label: `${say.smoothing}: ${say.smoothingNone}` },
            { value: 'some', label: say.smoothingSome },
            { value: 'much', label: say.smoothingMuch },
          ]}
          onChange={setSmoothing}
        />
        <Switch label={say.logarithmic} isOn={isLogarithmic} onChange={setLogarithmic} />
      </div>
      <div className="runs-charts">
        {charts.map((chart) => (
          <OneChart
            key={chart.key}
            chart={chart}
            axis={axis}
            share={shares[smoothing]}
            isLogarithmic={isLogarithmic}
          />
        ))}
      </div>
    </>
  )
}

interface OneChartProps {
  readonly chart: RunChart
  readonly axis: Axis
  readonly share: number
  readonly isLogarithmic: boolean
}

function OneChart({ chart, axis, share, isLogarithmic }: OneChartProps): ReactNode {
  const say = useMessages(runWords)
  const { title, lines, format, marks, isFree } = chart
  const { x, values } = useMemo(
    () =>
      align(
        lines.map(({ curve, run }) => ({
          x: placesOf(curve, axis, run.curves.progress),
          y: smoothed(curve.values, share),
        })),
      ),
    [lines, axis, share],
  )
  const unit = lines[0]?.run.detail.unit ?? 'tokens'
  const xLabel = { step: say.xStep, time: say.xTime, units: unit }[axis]
  return (
    <Card title={title}>
      <LineChart
        label={title}
        x={x}
        xKind="number"
        xLabel={xLabel}
        group="runs"
        series={lines.map(({ label, color }, at) => ({
          label,
          values: values[at]!,
          isDashed: at % 2 === 1,
          ...(color !== undefined && { color }),
        }))}
        format={format}
        isLogarithmic={isLogarithmic}
        floor={isFree ? null : undefined}
        {...(marks && { marks })}
      />
    </Card>
  )
}
