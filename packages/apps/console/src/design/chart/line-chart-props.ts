/** Properties of a chart. */

export interface Series {
  readonly label: string
  /** As many as there are `x`; null where there is none. */
  readonly values: readonly (number | null)[]
  /** 1 to 6 of the palette; the order it stands in, where it is not said. */
  readonly color?: 1 | 2 | 3 | 4 | 5 | 6 | undefined
  readonly isDashed?: boolean | undefined
  readonly isFilled?: boolean | undefined
  /** Measured now and then: null is no gap, and the line goes on to the next value. */
  readonly isSparse?: boolean | undefined
}

export interface LineChartProps {
  readonly label: string
  /** Milliseconds since 1970, or plain numbers (steps); ascending. */
  readonly x: readonly number[]
  readonly xKind: 'time' | 'number'
  readonly series: readonly Series[]
  /** Formats values on the axis and under the pointer: `(v) => formatMillis(v)`. */
  readonly format: (value: number) => string
  /** Lines across, such as a promise: named at their end. */
  readonly marks?: readonly { readonly value: number; readonly label: string }[] | undefined
  readonly height?: number | undefined
  readonly isLogarithmic?: boolean | undefined
  /** The lowest value the axis shows whatever there is; 0 where it is not said, null where the data decide. */
  readonly floor?: number | null | undefined
  /** Charts of the same group share the pointer's place. */
  readonly group?: string | undefined
  /** What plain numbers are of: `step`, `tokens`. */
  readonly xLabel?: string | undefined
}

export const chartHeight = 220
