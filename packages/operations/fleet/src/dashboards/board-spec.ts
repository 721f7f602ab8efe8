/** A dashboard as data: rows of panels, each with its queries. */

export interface BoardSpec {
  /** Name in its file and URL: `serving`. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly variables: readonly VariableSpec[]
  readonly rows: readonly RowSpec[]
}

/** Chosen at the top of the page, from the values that a label has. */
export interface VariableSpec {
  readonly name: string
  readonly label: string
  /** `label_values(series, label)`, with matchers: all values may be chosen together. */
  readonly series: string
  readonly valueLabel: string
}

export interface RowSpec {
  readonly title: string
  readonly panels: readonly PanelSpec[]
}

export interface PanelSpec {
  readonly title: string
  /** Meaning and when to act; Grafana shows it on hover. */
  readonly description: string
  readonly form: 'lines' | 'stacked' | 'number'
  /** Grafana's id of a unit: `s`, `percentunit`, `reqps`, `short`. */
  readonly unit: string
  readonly queries: readonly QuerySpec[]
  /** Width out of 24 columns; 8 by default, 4 for a number. */
  readonly span?: number
  readonly min?: number
  readonly max?: number
  readonly decimals?: number
  /** Threshold to bad: a dashed line, and the colour of a number. */
  readonly limit?: { readonly at: number; readonly bad: 'above' | 'below' }
}

export interface QuerySpec {
  /** PromQL; `$__rate_interval` and the board's variables may stand in it. */
  readonly expr: string
  /** `{{model_name}}`. */
  readonly legend: string
}
