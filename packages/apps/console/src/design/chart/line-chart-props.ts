/** Properties of a chart. */

export interface Series {
  readonly label: string
  /** Same length as `x`; null where there is no value. */
  readonly values: readonly (number | null)[]
  /** Palette colour, 1 to 6; default: the position of the series. */
  readonly color?: 1 | 2 | 3 | 4 | 5 | 6 | undefined
  readonly isDashed?: boolean | undefined
  readonly isFilled?: boolean | undefined
  /** Sampled occasionally: null is not a gap, and the line continues to the next value. */
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
  /** Minimum of the axis, regardless of the data; default 0; null derives it from the data. */
  readonly floor?: number | null | undefined
  /** Charts of the same group share the pointer's place. */
  readonly group?: string | undefined
  /** What plain numbers are of: `step`, `tokens`. */
  readonly xLabel?: string | undefined
}

export const chartHeight = 220
