/** Alerts on missing scrape targets. */

import { minute, promDuration } from '../prom-duration.ts'
import { engineTarget, gatewayTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { AlertRule } from '../rule-groups.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

type Plan = RuleView['deployment']['engines'][number]

export const targets: TopicOf = (view) => {
  const { name } = view.deployment
  const watched = view.inCluster ? view.deployment.engines : []
  return {
    group: 'targets',
    rules: [
      view.alert({
        alert: 'HadalGatewayDown',
        // No target is up or none is known: `max` of nothing is nothing, so the vector without labels replaces it.
        expr: `(max(${view.gatewayUp()}) or vector(0)) == 0`,
        for: '2m',
        severity: 'page',
        slo: 'engine',
        summary: `No gateway of ${name} responds to Prometheus`,
        description: `For 2m no gateway of ${name} has responded on /metrics, or Prometheus has none as a target. Clients get no response either, unless only Prometheus cannot reach them.`,
      }),
      view.alert({
        alert: 'HadalTargetDown',
        expr: `${view.gatewayUp()} == 0`,
        for: '5m',
        severity: 'ticket',
        slo: 'engine',
        summary: 'A gateway does not respond to Prometheus: {{ $labels.pod }}{{ $labels.instance }}',
        description: `{{ $labels.pod }}{{ $labels.instance }} of ${name} has not responded on /metrics for 5m. No other alert covers it.`,
      }),
      ...watched.flatMap((plan) => [
        targetDown(view, plan),
        ...(mayBeNone(view, plan) ? [] : [absent(view, plan)]),
      ]),
    ],
    cases: [
      ...gatewayCases(view),
      ...watched.flatMap((plan) => [
        ...downCases(view, plan),
        ...(mayBeNone(view, plan) ? [] : absentCases(view, plan)),
      ]),
    ],
  }
}

/** Engines that may be scaled to none are rightly absent. */
function mayBeNone({ deployment: { scaling } }: RuleView, { isScaled, replicas }: Plan): boolean {
  return isScaled ? scaling.minReplicas === 0 || scaling.scaleToZero : replicas === 0
}

function targetDown(view: RuleView, plan: Plan): AlertRule {
  const time = promDuration(downAfter(view, plan))
  return view.alert({
    alert: 'HadalTargetDown',
    expr: `${view.engineUp(plan)} == 0`,
    for: time,
    severity: 'ticket',
    slo: 'engine',
    labels: { model_name: plan.modelId },
    summary: `An engine of ${plan.modelId} does not respond to Prometheus: {{ $labels.pod }}`,
    description: `{{ $labels.pod }} has not responded on /metrics for ${time}, longer than its start may take. No other alert covers it.`,
  })
}

function absent(view: RuleView, plan: Plan): AlertRule {
  const time = promDuration(downAfter(view, plan))
  return view.alert({
    alert: 'HadalMetricsAbsent',
    // Its labels are those of equality matchers: `namespace`.
    expr: `absent(${view.engineUp(plan)})`,
    for: time,
    severity: 'ticket',
    slo: 'engine',
    labels: { model_name: plan.modelId },
    summary: `Prometheus has no target for the engines of ${plan.modelId}`,
    description: `For ${time} no pod of ${plan.name} has been a Prometheus target: there is none, or no scrape config selects it. No other alert for its engines can fire.`,
  })
}

/** vLLM listens only when it has loaded its model. */
function downAfter(view: RuleView, plan: Plan): number {
  return Math.max(5 * minute, view.startMillis(plan))
}

function gatewayCases(view: RuleView): readonly RuleCase[] {
  const alert = 'HadalGatewayDown'
  const samples = new Samples(view, 20 * minute)
  const one = series('up', gatewayTarget(view, 'x7k2p'))
  const pod = view.inCluster ? 'r4m8d' : 'x7k2p'
  const other = series('up', { ...gatewayTarget(view, pod), endpoint: 'http' })
  const down = samples.steady(one, 0)
  return [
    {
      alert,
      shows: 'no gateway answers: fires after 2m, and not before, with its texts',
      series: [down, samples.steady(other, 0)],
      checks: [
        { atMillis: minute, firing: [] },
        { atMillis: 2 * minute, firing: [{ value: '0' }] },
      ],
    },
    {
      alert,
      shows: 'one of two answers',
      series: [down, samples.steady(other, 1)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'Prometheus knows of none',
      series: [samples.steady(series('up', { job: 'something-else', namespace: 'else' }), 1)],
      checks: [{ atMillis: 2 * minute, firing: [{ value: '0' }] }],
    },
    {
      alert: 'HadalTargetDown',
      shows: 'one gateway of two is down: fires after 5m, and not before, with its texts',
      series: [down, samples.steady(other, 1)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ labels: gatewayTarget(view, 'x7k2p'), value: '0' }] },
      ],
    },
    {
      alert: 'HadalTargetDown',
      shows: 'all answer',
      series: [samples.steady(one, 1), samples.steady(other, 1)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}

function downCases(view: RuleView, plan: Plan): readonly RuleCase[] {
  const alert = 'HadalTargetDown'
  const time = downAfter(view, plan)
  const samples = new Samples(view, time + 10 * minute)
  const target = engineTarget(view, plan)
  const gateway = samples.steady(series('up', gatewayTarget(view)), 1)
  const rule = { model_name: plan.modelId }
  return [
    {
      alert,
      shows: `an engine of ${plan.modelId} does not answer for longer than a start takes`,
      series: [gateway, samples.steady(series('up', target), 0)],
      checks: [
        { atMillis: time - minute, firing: [] },
        { atMillis: time, firing: [{ labels: target, rule, value: '0' }] },
      ],
    },
    {
      alert,
      shows: `an engine of ${plan.modelId} that only starts`,
      series: [gateway, samples.inTurn(series('up', target), [0, time - minute], [1, 11 * minute])],
      checks: [{ atMillis: time + 5 * minute, firing: [] }],
    },
  ]
}

function absentCases(view: RuleView, plan: Plan): readonly RuleCase[] {
  const alert = 'HadalMetricsAbsent'
  const time = downAfter(view, plan)
  const samples = new Samples(view, time + 10 * minute)
  const gateway = samples.steady(series('up', gatewayTarget(view)), 1)
  const namespace = { namespace: view.deployment.namespace }
  return [
    {
      alert,
      shows: `no engine of ${plan.modelId} is there`,
      series: [gateway],
      checks: [
        { atMillis: time - minute, firing: [] },
        {
          atMillis: time,
          firing: view.deployment.engines
            .filter((each) => downAfter(view, each) <= time && !mayBeNone(view, each))
            .map((each) => ({ labels: namespace, rule: { model_name: each.modelId }, value: '1' })),
        },
      ],
    },
    {
      alert,
      shows: `an engine of ${plan.modelId} is there, and down`,
      series: view.deployment.engines.map((each) =>
        samples.steady(series('up', engineTarget(view, each)), 0),
      ),
      checks: [{ atMillis: time + 5 * minute, firing: [] }],
    },
  ]
}
