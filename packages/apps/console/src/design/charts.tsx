/**
 * Curves over time or steps, drawn by uPlot, in the page's own colours; each with its unit, its legend, what is under the
 * pointer, and its values as a table for those who do not see it. What draws is loaded with the first chart.
 */

import { lazy, type ReactNode, Suspense } from 'react'
import { patiently } from '../api/patiently.ts'
import { chartHeight, type LineChartProps } from './chart/line-chart-props.ts'

const Drawn = lazy(patiently(() => import('./chart/drawn-chart.tsx')))

export function LineChart(props: LineChartProps): ReactNode {
  return (
    <Suspense
      fallback={
        <div
          className="skeleton"
          role="img"
          aria-label={props.label}
          style={{ height: props.height ?? chartHeight }}
        />
      }
    >
      <Drawn {...props} />
    </Suspense>
  )
}
