/** Models that a gateway has in other processes: whether any replica of them is well. */

import { metrics } from '@hadal/protocol'
import { minute, promDuration } from '../prom-duration.ts'
import { gatewayTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

const places = metrics.upstreamCapacity.name
const up = metrics.upstreamReplicaUp.name
const breaker = metrics.upstreamBreaker.name
const held = metrics.upstreamHeld.name

export const upstreams: TopicOf = (view) => {
  if (!view.hasUpstreams) return { group: 'upstreams', rules: [], cases: [] }
  const toZero = view.deployment.scaling.scaleToZero
  const none = `max by (model_name) (${view.gateway(places)}) == 0`
  // A model scaled to zero has no capacity, and is down only if it is requested: requests wait for it, or were refused.
  const refused = `sum(increase(${view.gateway(metrics.errors.name, 'code="upstream_unavailable"')}[5m])) > 0`
  const wait = `max by (model_name) (${view.gateway(held)}) > 0`
  const requested = `(${none} and on () ${refused}) or (${none} and on (model_name) ${wait})`
  const time = promDuration(downMillis(view))
  return {
    group: 'upstreams',
    rules: [
      view.alert({
        alert: 'HadalUpstreamDown',
        expr: toZero ? requested : none,
        for: time,
        severity: 'page',
        slo: 'engine',
        summary: '{{ $labels.model_name }}: no healthy replica',
        description: `For ${time} no gateway has had a replica of {{ $labels.model_name }} that passes its health checks. Requests ${toZero ? 'are held and then' : 'are'} rejected with upstream_unavailable, unless a fallback serves them.`,
      }),
      view.alert({
        alert: 'HadalUpstreamReplicaDown',
        expr: `max by (model_name, replica) (${view.gateway(up)}) == 0`,
        for: '5m',
        severity: 'ticket',
        slo: 'engine',
        summary: '{{ $labels.model_name }}: {{ $labels.replica }} is down',
        description:
          'For 5m {{ $labels.replica }} has failed the health checks of all gateways. The other replicas of {{ $labels.model_name }} take over its load.',
      }),
      view.alert({
        alert: 'HadalUpstreamBreakerOpen',
        // Half open is 1: a circuit that is tried and fails again goes between 1 and 2.
        expr: `min by (model_name, replica) (${view.gateway(breaker)}) > 0`,
        for: '5m',
        severity: 'ticket',
        slo: 'engine',
        summary: '{{ $labels.model_name }}: the circuit breaker for {{ $labels.replica }} stays open',
        description:
          'For 5m every trial request to {{ $labels.replica }} has failed, although it may pass its health checks.',
      }),
    ],
    cases: [...downCases(view, toZero), ...replicaCases(view)],
  }
}

/** Requests for a model that is scaled to zero wait for its start. */
function downMillis(view: RuleView): number {
  const { scaling, engines } = view.deployment
  if (!scaling.scaleToZero) return 2 * minute
  return Math.max(10 * minute, ...engines.map((plan) => view.startMillis(plan)))
}

function downCases(view: RuleView, toZero: boolean): readonly RuleCase[] {
  const alert = 'HadalUpstreamDown'
  const wait = downMillis(view)
  const samples = new Samples(view, wait + 20 * minute)
  const target = gatewayTarget(view)
  const model = series(places, { ...target, model_name: 'm' })
  const refused = samples.growing(series(metrics.errors.name, { ...target, code: 'upstream_unavailable' }), 1)
  // A rate needs two samples.
  const time = toZero ? wait + minute : wait
  const firing = [{ labels: { model_name: 'm' }, value: '0' }]
  return [
    {
      alert,
      shows: 'no place anywhere fires after its time, and not before, with its texts',
      series: [samples.steady(model, 0), refused],
      checks: [
        { atMillis: time - minute, firing: [] },
        { atMillis: time, firing },
      ],
    },
    {
      alert,
      shows: 'one gateway has none, another one has',
      series: [
        samples.steady(model, 0),
        samples.steady(series(places, { ...target, endpoint: 'other', model_name: 'm' }), 64),
        refused,
      ],
      checks: [{ atMillis: wait + 10 * minute, firing: [] }],
    },
    {
      alert,
      shows: toZero ? 'scaled to none, and nobody asks for it' : 'nobody need ask for it',
      series: [samples.steady(model, 0)],
      checks: [{ atMillis: wait + 10 * minute, firing: toZero ? [] : firing }],
    },
    ...(toZero ? [waking(view, wait)] : []),
  ]
}

function waking(view: RuleView, wait: number): RuleCase {
  const samples = new Samples(view, wait + 20 * minute)
  const target = gatewayTarget(view)
  const of = (name: string, model: string): string => series(name, { ...target, model_name: model })
  return {
    alert: 'HadalUpstreamDown',
    shows: 'requests wait for a model that does not wake, another one sleeps',
    series: [
      ...['m', 'other'].map((model) => samples.steady(of(places, model), 0)),
      samples.steady(of(held, 'm'), 3),
      samples.steady(of(held, 'other'), 0),
    ],
    checks: [
      { atMillis: wait - minute, firing: [] },
      { atMillis: wait + 10 * minute, firing: [{ labels: { model_name: 'm' }, value: '0' }] },
    ],
  }
}

function replicaCases(view: RuleView): readonly RuleCase[] {
  const samples = new Samples(view, 20 * minute)
  const labels = { ...gatewayTarget(view), model_name: 'm' }
  const of = (name: string, replica: string): string => series(name, { ...labels, replica })
  const a = { model_name: 'm', replica: 'http://a' }
  return [
    {
      alert: 'HadalUpstreamReplicaDown',
      shows: 'one of two fires after 5m, and not before, with its texts',
      series: [samples.steady(of(up, 'http://a'), 0), samples.steady(of(up, 'http://b'), 1)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ labels: a, value: '0' }] },
      ],
    },
    {
      alert: 'HadalUpstreamReplicaDown',
      shows: 'a replica that was taken away has no series',
      series: [samples.inTurn(of(up, 'http://a'), [0, 3 * minute], ['_', 17 * minute])],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert: 'HadalUpstreamReplicaDown',
      shows: 'all are well',
      series: [samples.steady(of(up, 'http://a'), 1)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert: 'HadalUpstreamBreakerOpen',
      shows: 'open, half open and open again fires after 5m, and not before, with its texts',
      series: [samples.inTurn(of(breaker, 'http://a'), [2, 3 * minute], [1, minute], [2, 10 * minute])],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ labels: a, value: '2' }] },
      ],
    },
    {
      alert: 'HadalUpstreamBreakerOpen',
      shows: 'open at one gateway of two',
      series: [
        samples.steady(of(breaker, 'http://a'), 2),
        samples.steady(series(breaker, { ...labels, endpoint: 'other', replica: 'http://a' }), 0),
      ],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert: 'HadalUpstreamBreakerOpen',
      shows: 'closed in between',
      series: [
        samples.inTurn(
          of(breaker, 'http://a'),
          [2, 4 * minute],
          [0, 2 * minute],
          [2, 3 * minute],
          [0, 10 * minute],
        ),
      ],
      checks: [
        { atMillis: 5 * minute, firing: [] },
        { atMillis: 8 * minute, firing: [] },
      ],
    },
  ]
}
