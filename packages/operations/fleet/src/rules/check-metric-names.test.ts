import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gpuNode, vllm8gpu } from '../../test/deployments.ts'
import { checkPromql } from '../promql/check-promql.ts'
import { checkMetricNames } from './check-metric-names.ts'
import { exportedMetrics } from './exported-metrics.ts'
import { ourMetrics, recordedMetrics, scrapeMetrics } from './pinned/ours.ts'
import { pinnedMetrics } from './pinned/pinned-metrics.ts'
import { rulesOf } from './rules-of.ts'
import { allRunbooks } from './runbooks/runbooks.ts'

const text = `# HELP requests Requests.
# TYPE requests counter
requests{route="/v1/x",status="200"} 3
requests{route="quo\\"te{,}",status="500"} 1
# TYPE time histogram
time_bucket{le="0.5",model_name="m"} 1
time_bucket{le="+Inf",model_name="m"} 1
time_sum{model_name="m"} 0.1
time_count{model_name="m"} 1
# TYPE declared gauge
`
const known = exportedMetrics(text)

describe('what /metrics has', () => {
  it('are names with samples, and their labels', () => {
    expect(known).toEqual([
      { name: 'requests', kind: 'counter', labels: ['route', 'status'] },
      { name: 'time', kind: 'histogram', labels: ['model_name'] },
    ])
  })

  it('is read of anything', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => Array.isArray(exportedMetrics(any))))
  })
})

describe('names in expressions', () => {
  it.each([
    'sum by (route) (rate(requests{status=~"5..",namespace="x"}[5m]))',
    'histogram_quantile(0.9, sum by (le, model_name) (rate(time_bucket[5m])))',
    'rate(time_sum[5m]) / rate(time_count[5m]) > 1',
    'this is no PromQL (',
  ])('are there: %s', (expression) => {
    expect(checkMetricNames([expression], known)).toEqual([])
  })

  it.each([
    ['rate(request[5m])', { name: 'request', label: undefined, nearest: 'requests' }],
    ['declared > 1', { name: 'declared', label: undefined }],
    ['rate(time[5m])', { name: 'time', label: undefined }],
    ['requests{stauts="200"}', { name: 'requests', label: 'stauts', nearest: 'status' }],
    ['sum by (model) (time_count)', { name: 'time_count', label: 'model', nearest: undefined }],
    ['max by (route) (sum by (route, mode) (requests))', { name: 'requests', label: 'mode' }],
    ['sum by (le) (rate(time_sum[5m]))', { name: 'time_sum', label: 'le' }],
    ['requests / on () group_left () absent(gone)', { name: 'gone', label: undefined }],
  ])('are missing: %s', (expression, missing) => {
    expect(checkMetricNames([expression], known)).toMatchObject([{ expression, ...missing }])
  })
})

it('runbooks ask PromQL that has an answer', () => {
  const requested = allRunbooks.flatMap(({ look }) =>
    look.flatMap((step) => ('promql' in step ? step.promql.split('\n') : [])),
  )
  expect(requested.length).toBeGreaterThan(50)
  for (const expression of requested) expect([expression, checkPromql(expression)]).toEqual([expression, []])
  const all = [
    ...ourMetrics,
    ...scrapeMetrics,
    ...pinnedMetrics.flatMap(({ metrics }) => metrics),
    ...[gpuNode, vllm8gpu].flatMap((deployment) => recordedMetrics(rulesOf(deployment))),
  ]
  expect(checkMetricNames(requested, all)).toEqual([])
})
