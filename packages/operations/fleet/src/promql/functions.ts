/** The functions and aggregations of PromQL as Prometheus 2.53 has them. */

/** @internal */
export type PromqlType = 'scalar' | 'instant vector' | 'range vector' | 'string'

/**
 * `an instant vector`.
 *
 * @internal
 */
export const withArticle = (type: PromqlType): string => `${type === 'instant vector' ? 'an' : 'a'} ${type}`

/** @internal */
export interface PromqlFunction {
  readonly takes: readonly PromqlType[]
  /** How many arguments at the end may be left out; with `more`, how often the last may come beyond. */
  readonly optional?: number
  readonly more?: boolean
  readonly gives: PromqlType
  /** Refused unless Prometheus runs with `--enable-feature=promql-experimental-functions`. */
  readonly experimental?: boolean
}

const scalar = 'scalar'
const vector = 'instant vector'
const range = 'range vector'
const string = 'string'

const ofVector: PromqlFunction = { takes: [vector], gives: vector }
const ofRange: PromqlFunction = { takes: [range], gives: vector }
/** Without an argument it is of the time of the evaluation. */
const ofDate: PromqlFunction = { takes: [vector], optional: 1, gives: vector }
const sortedByLabel: PromqlFunction = {
  takes: [vector, string],
  optional: 1,
  more: true,
  gives: vector,
  experimental: true,
}

const named = (names: string, facts: PromqlFunction): (readonly [string, PromqlFunction])[] =>
  names.split(' ').map((name) => [name, facts])

/** @internal */
export const promqlFunctions: ReadonlyMap<string, PromqlFunction> = new Map([
  ...named('abs absent ceil exp floor ln log10 log2 sgn sort sort_desc sqrt timestamp', ofVector),
  ...named('acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh deg rad', ofVector),
  ...named('histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum', ofVector),
  ...named('absent_over_time avg_over_time count_over_time last_over_time max_over_time', ofRange),
  ...named('min_over_time present_over_time stddev_over_time stdvar_over_time sum_over_time', ofRange),
  ...named('changes delta deriv idelta increase irate rate resets', ofRange),
  ...named('mad_over_time', { ...ofRange, experimental: true }),
  ...named('day_of_month day_of_week day_of_year days_in_month hour minute month year', ofDate),
  ...named('sort_by_label sort_by_label_desc', sortedByLabel),
  ['clamp', { takes: [vector, scalar, scalar], gives: vector }],
  ...named('clamp_max clamp_min', { takes: [vector, scalar], gives: vector }),
  ['histogram_fraction', { takes: [scalar, scalar, vector], gives: vector }],
  ['histogram_quantile', { takes: [scalar, vector], gives: vector }],
  ['holt_winters', { takes: [range, scalar, scalar], gives: vector }],
  ['label_join', { takes: [vector, string, string, string], optional: 1, more: true, gives: vector }],
  ['label_replace', { takes: [vector, string, string, string, string], gives: vector }],
  ...named('pi time', { takes: [], gives: scalar }),
  ['predict_linear', { takes: [range, scalar], gives: vector }],
  ['quantile_over_time', { takes: [scalar, range], gives: vector }],
  ['round', { takes: [vector, scalar], optional: 1, gives: vector }],
  ['scalar', { takes: [vector], gives: scalar }],
  ['vector', { takes: [scalar], gives: vector }],
])

/** Functions that came after 2.53. */
export const newerFunctions: ReadonlySet<string> = new Set(
  [
    'double_exponential_smoothing first_over_time histogram_quantiles info start_timestamp',
    'ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time',
  ].flatMap((names) => names.split(' ')),
)

/**
 * What an aggregation takes before its vector.
 *
 * @internal
 */
export const aggregations: ReadonlyMap<string, PromqlType | undefined> = new Map([
  ...'avg count group max min stddev stdvar sum'.split(' ').map((name) => [name, undefined] as const),
  ...'bottomk quantile topk'.split(' ').map((name) => [name, scalar] as const),
  ['count_values', string],
])

export const newerAggregations: ReadonlySet<string> = new Set(['limitk', 'limit_ratio'])

/** Words that may stand before a parenthesis without being called. */
export const wordsBeforeParenthesis: ReadonlySet<string> = new Set(
  'by without on ignoring group_left group_right and or unless atan2 bool start end fill fill_left fill_right'.split(
    ' ',
  ),
)
