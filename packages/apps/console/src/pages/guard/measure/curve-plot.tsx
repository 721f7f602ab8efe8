/** Curves of shares against shares, drawn from 0 to 1, each with its dash and its name; and their points as a table. */

import type { ReactNode } from 'react'
import { Disclosure, formatPercent, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { suspicionText } from '../verdict-words.tsx'
import { type Curve, cutAt, thinned } from './curves.ts'

export interface CurvePlotProps {
  readonly label: string
  readonly xLabel: string
  readonly yLabel: string
  readonly curves: readonly Curve[]
  /** Upper limit of the x axis; default 1. */
  readonly xMost?: number
  readonly nameOf: (curve: Curve) => string
}

const [width, height] = [460, 300]
const pad = { left: 48, right: 12, top: 10, bottom: 40 }
const marks = [0, 0.25, 0.5, 0.75, 1]
const rowLimit = 40

export function CurvePlot(props: CurvePlotProps): ReactNode {
  const { label, xLabel, yLabel, curves, xMost = 1, nameOf } = props
  const say = useMessages(guardWords)
  const x = (value: number): number =>
    pad.left + (Math.min(value, xMost) / xMost) * (width - pad.left - pad.right)
  const y = (value: number): number => height - pad.bottom - value * (height - pad.top - pad.bottom)
  return (
    <figure className="guard-plot">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {marks.map((mark) => (
          <g key={mark}>
            <line className="guard-grid" x1={x(0)} x2={x(xMost)} y1={y(mark)} y2={y(mark)} />
            <line className="guard-grid" x1={x(mark * xMost)} x2={x(mark * xMost)} y1={y(0)} y2={y(1)} />
            <text x={x(0) - 6} y={y(mark)} textAnchor="end" dominantBaseline="middle">
              {formatPercent(mark)}
            </text>
            <text x={x(mark * xMost)} y={y(0) + 14} textAnchor={mark === 1 ? 'end' : 'middle'}>
              {formatPercent(mark * xMost)}
            </text>
          </g>
        ))}
        <text x={(x(0) + x(xMost)) / 2} y={height - 6} textAnchor="middle" className="guard-axis">
          {xLabel}
        </text>
        <text
          transform={`translate(11 ${(y(0) + y(1)) / 2}) rotate(-90)`}
          textAnchor="middle"
          className="guard-axis"
        >
          {yLabel}
        </text>
        {curves.map((curve, at) => (
          <polyline
            key={curve.name}
            className={`guard-curve guard-curve-${at + 1}`}
            points={cutAt(curve.points, xMost)
              .map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`)
              .join(' ')}
          />
        ))}
      </svg>
      <figcaption className="legend">
        {curves.map((curve, at) => (
          <span key={curve.name} className="row">
            <svg className="guard-key" viewBox="0 0 24 8" aria-hidden="true">
              <line className={`guard-curve guard-curve-${at + 1}`} x1="0" x2="24" y1="4" y2="4" />
            </svg>
            {nameOf(curve)}
          </span>
        ))}
      </figcaption>
      <Disclosure summary={say.asTable}>
        {curves.map((curve) => (
          <Table
            key={curve.name}
            label={`${label}, ${nameOf(curve)}`}
            rows={thinned(curve.points, rowLimit).map((point, at) => ({ ...point, at }))}
            keyOf={({ at }) => String(at)}
            columns={[
              {
                key: 'threshold',
                label: say.threshold,
                isNumber: true,
                render: ({ threshold }) => (threshold > 1 ? '–' : suspicionText(threshold)),
              },
              { key: 'x', label: xLabel, isNumber: true, render: (point) => formatPercent(point.x) },
              { key: 'y', label: yLabel, isNumber: true, render: (point) => formatPercent(point.y) },
            ]}
            maxRows={8}
          />
        ))}
      </Disclosure>
    </figure>
  )
}
