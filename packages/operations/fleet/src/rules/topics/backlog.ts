/** Queued requests, requests rejected because of a full queue, and truncated responses. */

import { metrics } from '@hadal/protocol'
import { engineSeries } from '../../series/engine-series.ts'
import { minute } from '../prom-duration.ts'
import { engineTarget, gatewayTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'
import { clientRoutes } from './availability.ts'

const waiting: string = metrics.requestsWaiting.name

/** A request is turned away since too many wait, or since it would be answered too late. What a key may do is another matter. */
const shedCodes = 'queue_full|upstream_busy|batch_queue_full|deadline_unmet|upstream_late'
const shedLimit = 0.05
const interruptedLimit = 0.01

export const backlog: TopicOf = (view) => {
  const { slo, engines } = view.deployment
  const sglang = engines.filter(({ kind }) => kind === 'sglang')
  // With a gateway before an engine, a request waits in one of the two.
  const queues = [
    view.everywhere(waiting),
    ...(sglang.length > 0 ? [view.engines(engineSeries('sglang').waiting, sglang)] : []),
  ]
  const requests = `sum(rate(${view.gateway(metrics.httpRequests.name, clientRoutes)}[5m]))`
  return {
    group: 'backlog',
    rules: [
      view.record('model:requests_waiting:sum', `sum by (model_name) (${queues.join(' or ')})`),
      view.alert({
        alert: 'HadalBacklogHigh',
        expr: `sum by (model_name) (${queues.join(' or ')}) > ${slo.maxBacklog}`,
        for: '5m',
        severity: 'page',
        slo: 'backlog',
        summary: '{{ $labels.model_name }}: {{ $value | humanize }} requests queued',
        description: `More than ${slo.maxBacklog} requests to {{ $labels.model_name }} have been queued for 5m. Clients wait for their first token, and are rejected when the queue is full.`,
      }),
      view.alert({
        alert: 'HadalRequestsShed',
        expr: `sum by (code) (rate(${view.gateway(metrics.errors.name, `code=~"${shedCodes}"`)}[5m])) / on () group_left () ${requests} > ${shedLimit}`,
        for: '10m',
        severity: 'ticket',
        slo: 'backlog',
        summary: '{{ $value | humanizePercentage }} of requests are rejected: {{ $labels.code }}',
        description:
          'More than 5% of requests have been rejected with {{ $labels.code }} for 10m: the load exceeds the capacity of the engines. Per-key limits are not counted.',
      }),
      ...(view.hasUpstreams
        ? [
            view.alert({
              alert: 'HadalAnswersInterrupted',
              expr: `sum by (model_name) (rate(${view.gateway(metrics.upstreamInterrupted.name)}[5m])) / sum by (model_name) (rate(${view.gateway(metrics.upstreamAttempts.name)}[5m])) > ${interruptedLimit}`,
              for: '5m',
              severity: 'ticket',
              slo: 'availability',
              summary:
                '{{ $labels.model_name }}: {{ $value | humanizePercentage }} of responses are interrupted',
              description:
                'More than 1% of responses of {{ $labels.model_name }} have been interrupted after their first byte for 5m. They count as status 200, so no error budget includes them.',
            }),
          ]
        : []),
    ],
    cases: [...backlogCases(view), ...shedCases(view), ...(view.hasUpstreams ? interruptedCases(view) : [])],
  }
}

function backlogCases(view: RuleView): readonly RuleCase[] {
  const { slo, engines } = view.deployment
  const alert = 'HadalBacklogHigh'
  const samples = new Samples(view, 20 * minute)
  const at = (target: Readonly<Record<string, string>>, name = waiting): string =>
    series(name, { ...target, model_name: 'm' })
  const gateway = at(gatewayTarget(view))
  const firing = (value?: string) => [{ labels: { model_name: 'm' }, ...(value !== undefined && { value }) }]
  const plan = engines[0]
  const halves = plan && {
    gateway: samples.steady(gateway, slo.maxBacklog),
    engine: samples.steady(at(engineTarget(view, plan), engineSeries(plan.kind).waiting), 1),
  }
  return [
    {
      alert,
      shows: 'one more than may wait fires after 5m, and not before',
      series: [samples.steady(gateway, slo.maxBacklog + 1)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: firing() },
      ],
    },
    {
      alert,
      shows: 'as many as may wait do not, whatever waits in another namespace',
      series: [
        samples.steady(gateway, slo.maxBacklog),
        ...(view.inCluster
          ? [samples.steady(at({ ...gatewayTarget(view), namespace: 'other' }), 2_000_000)]
          : []),
      ],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'says how many, with its texts',
      series: [samples.steady(gateway, 2_000_000)],
      checks: [{ atMillis: 15 * minute, firing: firing('2M') }],
    },
    {
      alert,
      shows: 'a burst that is over after 4m does not, and its time begins anew',
      series: [
        samples.inTurn(
          gateway,
          [slo.maxBacklog + 1, 4 * minute],
          [0, 2 * minute],
          [slo.maxBacklog + 1, 14 * minute],
        ),
      ],
      checks: [
        { atMillis: 5 * minute, firing: [] },
        { atMillis: 10 * minute, firing: [] },
        { atMillis: 12 * minute, firing: firing() },
      ],
    },
    ...(halves && view.inCluster
      ? [
          {
            alert,
            shows: 'those at the gateway and those at the engine wait for the same model',
            series: [halves.gateway, halves.engine],
            checks: [{ atMillis: 15 * minute, firing: firing() }],
          },
        ]
      : []),
    {
      alert,
      shows: 'a gateway that went silent is not remembered for longer than 5m',
      series: [samples.inTurn(gateway, [slo.maxBacklog + 1, 8 * minute], ['_', 12 * minute])],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}

function shedCases(view: RuleView): readonly RuleCase[] {
  const alert = 'HadalRequestsShed'
  const samples = new Samples(view, 30 * minute)
  const target = gatewayTarget(view)
  const of = (code: string): string => series(metrics.errors.name, { ...target, code })
  const all = samples.growing(
    series(metrics.httpRequests.name, { ...target, route: '/v1/chat/completions', status: '200' }),
    1000,
  )
  const codes = shedCodes.split('|')
  const firing = (value: string) => codes.map((code) => ({ labels: { code }, value }))
  return [
    {
      alert,
      shows: 'six of a hundred fire after 10m, and not before, with its texts',
      series: [all, ...codes.map((code) => samples.growing(of(code), 60))],
      checks: [
        { atMillis: 10 * minute, firing: [] },
        { atMillis: 11 * minute, firing: firing('6%') },
      ],
    },
    {
      alert,
      shows: 'four of a hundred do not',
      series: [all, samples.growing(of('upstream_busy'), 40)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'what the limits of a key refuse does not',
      series: [all, samples.growing(of('rate_limited'), 500), samples.growing(of('guard_locked_out'), 500)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
  ]
}

function interruptedCases(view: RuleView): readonly RuleCase[] {
  const alert = 'HadalAnswersInterrupted'
  const samples = new Samples(view, 20 * minute)
  const labels = { ...gatewayTarget(view), model_name: 'm' }
  const cut = (perScrape: number) =>
    samples.growing(series(metrics.upstreamInterrupted.name, labels), perScrape)
  const attempts = (replica: string) =>
    samples.growing(series(metrics.upstreamAttempts.name, { ...labels, replica }), 500)
  return [
    {
      alert,
      shows: 'twelve of a thousand fire after 5m, and not before, with its texts',
      series: [attempts('http://a'), attempts('http://b'), cut(12)],
      checks: [
        { atMillis: 5 * minute, firing: [] },
        { atMillis: 6 * minute, firing: [{ labels: { model_name: 'm' }, value: '1.2%' }] },
      ],
    },
    {
      alert,
      shows: 'eight of a thousand do not',
      series: [attempts('http://a'), attempts('http://b'), cut(8)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}
