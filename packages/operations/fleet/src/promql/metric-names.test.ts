import { expect, test } from 'vitest'
import { metricNamesOf } from './metric-names.ts'

test('names stand in selectors, in matchers of __name__, and in alternatives of plain names', () => {
  expect(metricNamesOf('sum(rate(a_total[5m])) / on(job) b{job="c"} + a_total')).toEqual(['a_total', 'b'])
  expect(metricNamesOf('{__name__="x:y"} or {__name__=~"p|q_total"} or {"with.dots"}')).toEqual([
    'x:y',
    'p',
    'q_total',
    'with.dots',
  ])
  expect(metricNamesOf('label_replace(up, "rate", "$1", "sum", "x")')).toEqual(['up'])
})

test('a regular expression names no metric, and neither does what cannot be parsed', () => {
  expect(metricNamesOf('{__name__=~"job:.*"}')).toEqual([])
  expect(metricNamesOf('sum(up')).toEqual([])
})
