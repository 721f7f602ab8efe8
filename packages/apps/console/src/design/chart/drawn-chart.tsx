/** A chart with legend and table. Drawing is in plot.ts. */

import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useMessages } from '../../messages/use-messages.ts'
import { createStore } from '../../store.ts'
import { Button } from '../controls.tsx'
import { designWords } from '../words.ts'
import { chartHeight, type LineChartProps } from './line-chart-props.ts'
import './chart.css'
import { ChartTable } from './chart-table.tsx'
import { Legend } from './legend.tsx'
import { type Plot, plotOf } from './plot.ts'

export default function DrawnChart(props: LineChartProps): ReactNode {
  const { label, x, series, height = chartHeight } = props
  const say = useMessages(designWords)
  const [isTable, setTable] = useState(false)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [range, setRange] = useState<readonly [number, number]>()
  const pointed = useMemo(() => createStore<number | undefined>(undefined), [])
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot>(undefined)
  const latest = useRef(props)
  latest.current = props

  const isEmpty = !series.some(({ values }) =>
    values.some((value) => value !== null && Number.isFinite(value)),
  )
  // Properties a plot cannot change in place require a new plot.
  const { xKind, isLogarithmic = false, floor = 0, group } = props
  const looks = series.map((one) => [one.label, one.color, one.isDashed, one.isFilled, one.isSparse])
  const shape = JSON.stringify([looks, xKind, isLogarithmic, floor, group, height])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape says when, the latest what
  useEffect(() => {
    if (isTable || isEmpty || frame.current === null) return
    const made = plotOf(frame.current, () => latest.current, {
      onPoint: (value) => pointed.set(value),
      onZoom: setRange,
    })
    plot.current = made
    return () => {
      plot.current = undefined
      pointed.set(undefined)
      made.end()
    }
  }, [shape, isTable, isEmpty])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new plot is given its data, too
  useEffect(() => {
    plot.current?.show({ x, series, hidden, range })
  }, [x, series, hidden, range, props.marks, shape, isTable, isEmpty])

  const toggle = (name: string): void =>
    setHidden((now) =>
      now.has(name) ? new Set([...now].filter((one) => one !== name)) : new Set([...now, name]),
    )
  return (
    <figure className="chart" aria-label={label}>
      <figcaption className="chart-head">
        <Legend
          {...props}
          hidden={hidden}
          pointed={pointed}
          onToggle={toggle}
          onFocus={(name) => plot.current?.emphasize(name)}
        />
        {range !== undefined && (
          <Button
            kind="quiet"
            size="small"
            icon="undo"
            label={say.wholeRange}
            onPress={() => setRange(undefined)}
          />
        )}
        <Button
          kind="quiet"
          size="small"
          icon={isTable ? 'curve' : 'table'}
          label={isTable ? say.asChart : say.asTable}
          onPress={() => setTable(!isTable)}
        />
      </figcaption>
      {isTable ? (
        <ChartTable {...props} />
      ) : (
        <div
          ref={frame}
          className={isEmpty ? 'chart-plot chart-plot-empty' : 'chart-plot'}
          role="img"
          aria-label={`${label}. ${say.arrows}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the place whose values the legend tells
          tabIndex={0}
          style={{ height }}
          onKeyDown={(event) => plot.current !== undefined && onKey(event, plot.current)}
          onBlur={() => plot.current?.point(undefined)}
        >
          {isEmpty && <p className="chart-empty">{say.noValues}</p>}
        </div>
      )}
    </figure>
  )
}

function onKey(event: KeyboardEvent, plot: Plot): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -20,
    PageDown: 20,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  }
  const by = steps[event.key]
  if (by === undefined) return
  event.preventDefault()
  plot.point(by)
}
