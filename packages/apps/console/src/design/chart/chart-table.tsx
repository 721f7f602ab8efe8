/** A chart's values in rows, the latest first; of very many, those that the chart would draw. */

import { type ReactNode, useMemo } from 'react'
import { type Column, Table } from '../table.tsx'
import { placeOf } from './legend.tsx'
import type { LineChartProps } from './line-chart-props.ts'
import { thin } from './thin.ts'

const most = 500

export function ChartTable(props: LineChartProps): ReactNode {
  const { label, x, series, format, xLabel } = props
  const points = useMemo(() => thin({ x, columns: series.map(({ values }) => values) }, most), [x, series])
  const rows = points.x.map((_, at) => points.x.length - 1 - at)
  const columns: Column<number>[] = [
    {
      key: 'x',
      label: xLabel ?? '',
      render: (at) => placeOf({ ...props, xLabel: '' }, points.x[at]!).trim(),
    },
    ...series.map(({ label: name }, index) => ({
      key: `y${index}`,
      label: name,
      isNumber: true,
      render: (at: number) => {
        const value = points.columns[index]?.[at]
        return value === null || value === undefined ? '–' : format(value)
      },
    })),
  ]
  return <Table label={label} columns={columns} rows={rows} keyOf={(at) => String(at)} maxRows={8} />
}
