/** The few forms that questions to Prometheus have here. Pure text. */

import type { QuerySpec } from './board-spec.ts'

const rateWindow = '$__rate_interval'

/** Label matchers without their braces; empty ones are left out: `{model_name=~"$model"}`. */
export function selector(metric: string, ...matchers: readonly string[]): string {
  const said = matchers.filter((matcher) => matcher !== '')
  return said.length === 0 ? metric : `${metric}{${said.join(', ')}}`
}

export const rate = (series: string): string => `rate(${series}[${rateWindow}])`

export const sumBy = (label: string, of: string): string => `sum by (${label}) (${of})`

/** Quantiles of a histogram, one line each for a label's values. `series` is the histogram with `_bucket`. */
export function quantiles(
  series: string,
  label: string,
  which: readonly number[] = [0.5, 0.95, 0.99],
): QuerySpec[] {
  return which.map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le, ${label}) (${rate(series)}))`,
    legend: `P${quantile * 100} {{${label}}}`,
  }))
}

/** Mean of a histogram or summary: sum over count. */
export function mean(metric: string, label: string, ...matchers: readonly string[]): string {
  const of = (suffix: string): string => sumBy(label, rate(selector(`${metric}_${suffix}`, ...matchers)))
  return `${of('sum')} / ${of('count')}`
}
