/**
 * Charts over time or steps, drawn by uPlot in the page's colours, with units, legend, cursor values and an accessible table. The library
 * is loaded with the first chart.
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
