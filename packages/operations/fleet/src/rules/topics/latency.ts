/**
 * Latency of responses and of first tokens. Responses are measured at the gateway, including queueing; first tokens at the engine,
 * because a gateway sees them only in streams.
 */

import { type BucketSet, buckets, metrics } from '@hadal/protocol'
import type { EnginePlan } from '../../deployment/deployment.ts'
import { engineSeries } from '../../series/engine-series.ts'
import { type BurnRate, burnRates, burnThreshold, burnWindows, fewestFailures } from '../burn-rates.ts'
import { minute } from '../prom-duration.ts'
import {
  engineTarget,
  gatewayTarget,
  type InputSeries,
  type RuleCase,
  Samples,
  series,
} from '../rule-case.ts'
import type { AlertRule } from '../rule-groups.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'
import { percent } from './availability.ts'

const endToEnd = metrics.endToEnd.name

export const latency: TopicOf = (view) => {
  const { slo, engines } = view.deployment
  const rates = burnRates(slo.windowDays)
  const edge = edgeFor(slo.latencyMillis / 1000, 'request')
  const all = (window: string): string => `${view.gateway(`${endToEnd}_count`)}[${window}]`
  const within = (window: string): string => `${view.gateway(`${endToEnd}_bucket`, isEdge(edge))}[${window}]`
  const byModel = (what: string): string => `sum by (model_name) (${what})`
  const slow = (window: string): string =>
    `${byModel(`increase(${all(window)})`)} - ${byModel(`increase(${within(window)})`)}`
  const quantile = (share: number): string =>
    `histogram_quantile(${share}, sum by (le, model_name) (rate(${view.gateway(`${endToEnd}_bucket`)}[5m])))`
  return {
    group: 'latency',
    rules: [
      view.record('model:requests:rate5m', byModel(`rate(${all('5m')})`)),
      view.record('model:request_latency_seconds:p50_rate5m', quantile(0.5)),
      view.record('model:request_latency_seconds:p99_rate5m', quantile(0.99)),
      ...burnWindows(rates).map((window) =>
        view.record(
          `model:slow_requests:ratio_rate${window}`,
          `1 - ${byModel(`rate(${within(window)})`)} / ${byModel(`rate(${all(window)})`)}`,
        ),
      ),
      latencyHigh(view, quantile(slo.latencyShare)),
      ...rates.map((rate) => burnAlert(view, rate, edge, slow(rate.long))),
      ...(slo.ttftMillis === undefined || engines.length === 0 ? [] : [ttftHigh(view, slo.ttftMillis)]),
    ],
    cases: [
      ...latencyCases(view),
      ...burnCases(view, rates, edge),
      ...(slo.ttftMillis === undefined || engines.length === 0 ? [] : ttftCases(view, slo.ttftMillis)),
    ],
  }
}

/** The smallest edge that is not below: what a ratio calls slow then certainly breaks the promise. */
export function edgeFor(seconds: number, set: BucketSet): number {
  const edges = buckets[set]
  return edges.find((edge) => edge >= seconds) ?? (edges.at(-1) as number)
}

/**
 * What a quantile can be compared with. Below the first edge every quantile is one of the first bucket, and would
 * always exceed the promise; from the last edge on none would ever do.
 */
export function measurable(seconds: number, edges: readonly number[]): number {
  return Math.min(Math.max(seconds, edges[0] as number), (edges.at(-1) as number) - 1)
}

/** Whole numbers are written `2` by our servers and `2.0` by Prometheus 3 and by Python. */
export function isEdge(edge: number): string {
  return Number.isInteger(edge) ? `le=~"${edge}([.]0)?"` : `le="${edge}"`
}

/** SGLang has different bucket edges. */
const sglangFirstToken = [0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400]

function firstTokenEdges({ deployment: { engines } }: RuleView): readonly number[] {
  return engines.every(({ kind }) => kind === 'sglang') ? sglangFirstToken : buckets.firstToken
}

function seconds(millis: number): string {
  return `${millis / 1000}s`
}

function latencyHigh(view: RuleView, quantile: string): AlertRule {
  const { latencyMillis, latencyShare } = view.deployment.slo
  return view.alert({
    alert: 'HadalLatencyHigh',
    expr: `${quantile} > ${measurable(latencyMillis / 1000, buckets.request)}`,
    for: '5m',
    severity: 'ticket',
    slo: 'latency',
    summary: `{{ $labels.model_name }}: ${percent(latencyShare)} of requests take up to {{ $value | humanizeDuration }}`,
    description: `The SLO is that ${percent(latencyShare)} of requests to {{ $labels.model_name }} complete within ${seconds(latencyMillis)}; over the last 5m they did not. The value is interpolated between histogram buckets.`,
  })
}

function burnAlert(view: RuleView, rate: BurnRate, edge: number, slow: string): AlertRule {
  const { long, short, severity, factor } = rate
  const { latencyMillis, latencyShare, windowDays } = view.deployment.slo
  const limit = burnThreshold(rate, latencyShare)
  const ratio = (window: string): string => view.recorded(`model:slow_requests:ratio_rate${window}`)
  const exactly =
    edge === latencyMillis / 1000
      ? `Requests slower than ${edge}s are counted exactly.`
      : `Requests slower than ${edge}s are counted, the next bucket boundary above ${seconds(latencyMillis)}: a page is then never a false alarm, and HadalLatencyHigh covers the range between.`
  return view.alert({
    alert: 'HadalLatencyBudgetBurn',
    expr: `${ratio(long)} > ${limit} and ${ratio(short)} > ${limit} and on (model_name) (${slow}) >= ${fewestFailures}`,
    severity,
    slo: 'latency',
    labels: { long_window: long, short_window: short },
    summary: `{{ $labels.model_name }}: {{ $value | humanizePercentage }} of requests were too slow in the last ${long}`,
    description: `The latency budget allows ${percent(1 - latencyShare)} of requests to take longer than ${seconds(latencyMillis)} over ${windowDays} days. It burns at least ${factor} times too fast, over the last ${long} and over the last ${short}. ${exactly}`,
  })
}

function ttftHigh(view: RuleView, ttftMillis: number): AlertRule {
  const { latencyShare } = view.deployment.slo
  const first = view.quantity(({ firstToken }) => `${firstToken}_bucket`).map((each) => `rate(${each}[5m])`)
  const promised = measurable(ttftMillis / 1000, firstTokenEdges(view))
  return view.alert({
    alert: 'HadalTtftHigh',
    expr: `histogram_quantile(${latencyShare}, sum by (le, model_name) (${first.join(' or ')})) > ${promised}`,
    for: '5m',
    severity: 'ticket',
    slo: 'ttft',
    summary: `{{ $labels.model_name }}: ${percent(latencyShare)} of first tokens take up to {{ $value | humanizeDuration }}`,
    description: `The SLO is that ${percent(latencyShare)} of requests to {{ $labels.model_name }} get their first token within ${seconds(ttftMillis)}; over the last 5m they did not. The value is interpolated between histogram buckets.`,
  })
}

/** Requests a scrape: every share is a whole number of them. */
const perScrape = 10_000_000

/** A histogram of which a share is above one edge, and falls into the bucket that follows. Empty buckets below are left out. */
function histogram(
  samples: Samples,
  name: string,
  labels: Readonly<Record<string, string>>,
  edges: readonly number[],
  slow: number,
  edge: number,
): readonly InputSeries[] {
  const within = perScrape - Math.round(slow * perScrape)
  const bucket = (le: string, count: number): InputSeries =>
    samples.growing(series(`${name}_bucket`, { ...labels, le }), count)
  return [
    bucket(`${edge}`, within),
    ...edges
      .filter((each) => each > edge)
      .slice(0, 1)
      .map((each) => bucket(`${each}`, perScrape)),
    bucket('+Inf', perScrape),
    samples.growing(series(`${name}_count`, labels), perScrape),
  ]
}

/** Both sides of a promise: edges around it, and a share of slow requests a fifth more or less than may be. */
function aroundQuantile(
  samples: Samples,
  name: string,
  labels: Readonly<Record<string, string>>,
  { edges, promised, share }: { edges: readonly number[]; promised: number; share: number },
): { readonly above: readonly InputSeries[]; readonly below: readonly InputSeries[] } {
  const limit = measurable(promised, edges)
  const upper = edges.find((edge) => edge >= limit) as number
  const lower = edges.findLast((edge) => edge <= limit) as number
  const may = 1 - share
  return {
    above: histogram(samples, name, labels, edges, may * 1.2, upper),
    below: histogram(samples, name, labels, edges, may * 0.8, lower),
  }
}

const pastAll = 'longer than the last edge'

function latencyCases(view: RuleView): readonly RuleCase[] {
  const { latencyMillis, latencyShare } = view.deployment.slo
  const edges = buckets.request
  const labels = { ...gatewayTarget(view), model_name: 'm' }
  const samples = new Samples(view, 10 * minute)
  const promised = { edges, promised: latencyMillis / 1000, share: latencyShare }
  const { above, below } = aroundQuantile(samples, endToEnd, labels, promised)
  const alert = 'HadalLatencyHigh'
  const firing = [{ labels: { model_name: 'm' } }]
  return [
    {
      alert,
      shows: 'a fifth more slow answers than promised fire after 5m, and not before',
      series: above,
      // A rate needs two samples: it is true from 1m.
      checks: [
        { atMillis: 5 * minute, firing: [] },
        { atMillis: 6 * minute, firing },
      ],
    },
    {
      alert,
      shows: 'a fifth fewer do not',
      series: below,
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: `${pastAll}: says the last edge, with its texts`,
      series: histogram(samples, endToEnd, labels, edges, 1, edges.at(-1) as number),
      checks: [{ atMillis: 8 * minute, firing: [{ labels: { model_name: 'm' }, value: '2h 8m 0s' }] }],
    },
    {
      alert,
      shows: 'without requests there is no quantile (NaN), and nothing fires',
      series: above.map(({ series: each }) => samples.steady(each, 100)),
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'is over when its metrics have been away for 5m',
      series: above.map(({ series: each, values }) => ({
        series: each,
        values: `${values.replace(/x\d+$/, `x${samples.count(7 * minute)}`)} _x${samples.count()}`,
      })),
      checks: [
        { atMillis: 7 * minute, firing },
        { atMillis: 13 * minute, firing: [] },
      ],
    },
  ]
}

function burnCases(view: RuleView, rates: readonly BurnRate[], edge: number): readonly RuleCase[] {
  const { latencyShare } = view.deployment.slo
  const everyMillis = minute
  const samples = new Samples(view, 10 * minute, everyMillis)
  const labels = { ...gatewayTarget(view), model_name: 'm' }
  const alert = 'HadalLatencyBudgetBurn'
  const firing = (slow: number) =>
    rates
      .filter((rate) => slow > burnThreshold(rate, latencyShare))
      .map(({ long, short }) => ({
        labels: { model_name: 'm' },
        rule: { long_window: long, short_window: short },
      }))
  const of = (slow: number): readonly InputSeries[] =>
    histogram(samples, endToEnd, labels, buckets.request, slow, edge)
  const atMillis = 8 * minute
  return [
    ...rates.flatMap((rate): RuleCase[] => {
      const limit = burnThreshold(rate, latencyShare)
      const above = limit + (1 - limit) * Math.min(0.2, limit / 5)
      const below = limit * 0.9
      return [
        {
          alert,
          shows: `fires when ${rate.long} and ${rate.short} are just above`,
          everyMillis,
          series: of(above),
          checks: [{ atMillis, firing: firing(above) }],
        },
        {
          alert,
          shows: `stays silent for ${rate.long} just below`,
          everyMillis,
          series: of(below),
          checks: [{ atMillis, firing: firing(below) }],
        },
      ]
    }),
    {
      alert,
      shows: 'all are too slow: says so, with its texts',
      everyMillis,
      series: of(1),
      checks: [{ atMillis, firing: firing(1).map((each) => ({ ...each, value: '100%' })) }],
    },
    {
      alert,
      shows: 'four slow requests are too few',
      everyMillis,
      series: [
        { series: series(`${endToEnd}_count`, labels), values: '0x3 1 2 3 4x9' },
        { series: series(`${endToEnd}_bucket`, { ...labels, le: `${edge}` }), values: '0x20' },
      ],
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'six are enough',
      everyMillis,
      series: [
        { series: series(`${endToEnd}_count`, labels), values: '0x3 1 2 3 4 5 6x9' },
        { series: series(`${endToEnd}_bucket`, { ...labels, le: `${edge}` }), values: '0x20' },
      ],
      checks: [{ atMillis: 11 * minute, firing: firing(1) }],
    },
    {
      alert,
      shows: 'edges written as Prometheus 3 writes them are the same edges',
      everyMillis,
      series: [
        samples.growing(series(`${endToEnd}_count`, labels), 600),
        samples.growing(
          series(`${endToEnd}_bucket`, { ...labels, le: Number.isInteger(edge) ? `${edge}.0` : `${edge}` }),
          600,
        ),
      ],
      checks: [{ atMillis, firing: [] }],
    },
  ]
}

function ttftCases(view: RuleView, ttftMillis: number): readonly RuleCase[] {
  const plan = view.deployment.engines[0] as EnginePlan
  const { firstToken } = engineSeries(plan.kind)
  const edges = firstTokenEdges(view)
  const labels = { ...engineTarget(view, plan), model_name: plan.modelId }
  const samples = new Samples(view, 10 * minute)
  const { above, below } = aroundQuantile(samples, firstToken, labels, {
    edges,
    promised: ttftMillis / 1000,
    share: view.deployment.slo.latencyShare,
  })
  const alert = 'HadalTtftHigh'
  const firing = [{ labels: { model_name: plan.modelId } }]
  const last = edges === sglangFirstToken ? '6m 40s' : '42m 40s'
  return [
    {
      alert,
      shows: `${plan.kind}: a fifth more late first tokens than promised fire after 5m, and not before`,
      series: above,
      checks: [
        { atMillis: 5 * minute, firing: [] },
        { atMillis: 6 * minute, firing },
      ],
    },
    {
      alert,
      shows: `${plan.kind}: a fifth fewer do not`,
      series: below,
      checks: [{ atMillis: 8 * minute, firing: [] }],
    },
    {
      alert,
      shows: `${plan.kind}, ${pastAll}: says the last edge, with its texts`,
      series: histogram(samples, firstToken, labels, edges, 1, edges.at(-1) as number),
      checks: [{ atMillis: 8 * minute, firing: [{ labels: { model_name: plan.modelId }, value: last }] }],
    },
  ]
}
