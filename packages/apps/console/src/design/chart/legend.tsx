/** The names of curves, each with its value under the pointer, or its last. Pressing one hides its curve. */

import type { ReactNode } from 'react'
import { type Store, useStore } from '../../store.ts'
import { formatCount, formatTime } from '../format.ts'
import type { LineChartProps } from './line-chart-props.ts'
import { firstAtLeast } from './thin.ts'

export interface LegendProps extends LineChartProps {
  readonly hidden: ReadonlySet<string>
  /** A value of `x`. */
  readonly pointed: Store<number | undefined>
  readonly onToggle: (label: string) => void
  readonly onFocus: (label: string | undefined) => void
}

export function Legend(props: LegendProps): ReactNode {
  const { x, series, format, marks = [], hidden, pointed, onToggle, onFocus } = props
  const value = useStore(pointed)
  const at = value === undefined ? undefined : firstAtLeast(x, value)
  return (
    <ul className="chart-legend">
      {series.map(({ label, values, color, isDashed, isSparse }, index) => {
        const shown = at === undefined || isSparse ? lastOf(values, at) : values[at]
        return (
          <li key={label}>
            <button
              type="button"
              aria-pressed={!hidden.has(label)}
              onClick={() => onToggle(label)}
              onPointerEnter={() => onFocus(label)}
              onPointerLeave={() => onFocus(undefined)}
              onFocus={() => onFocus(label)}
              onBlur={() => onFocus(undefined)}
            >
              <span
                className={`chart-key series-${color ?? (index % 6) + 1}${isDashed ? ' chart-key-dashed' : ''}`}
                aria-hidden="true"
              />
              {label}
              <span className="number">{isNumber(shown) ? format(shown) : '–'}</span>
            </button>
          </li>
        )
      })}
      {marks.map(({ label }) => (
        <li key={label} className="chart-mark">
          <span className="chart-key chart-key-mark" aria-hidden="true" />
          {label}
        </li>
      ))}
      {value !== undefined && <li className="chart-at number">{placeOf(props, value)}</li>}
    </ul>
  )
}

/** A moment, or `step 120`. */
export function placeOf({ xKind, xLabel }: LineChartProps, value: number): string {
  if (xKind === 'time') return formatTime(value)
  return xLabel === undefined ? formatCount(value) : `${xLabel} ${formatCount(value)}`
}

const isNumber = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value)

/** At that place or before it. */
function lastOf(values: readonly (number | null)[], place = values.length - 1): number | undefined {
  for (let at = place; at >= 0; at--) {
    const value = values[at]
    if (isNumber(value)) return value
  }
  return undefined
}
