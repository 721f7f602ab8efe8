/** Kubernetes state of pods and autoscalers, from kube-state-metrics; only with the operator. */

import type { EnginePlan } from '../../deployment/deployment.ts'
import { minute, promDuration, wholeMinutes } from '../prom-duration.ts'
import { engineTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import { type RuleView, select } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

const phase = 'kube_pod_status_phase'
const restarts = 'kube_pod_container_status_restarts_total'
const condition = 'kube_deployment_status_condition'
const desired = 'kube_horizontalpodautoscaler_status_desired_replicas'
const most = 'kube_horizontalpodautoscaler_spec_max_replicas'
const scalerCondition = 'kube_horizontalpodautoscaler_status_condition'

export const cluster: TopicOf = (view) => {
  if (view.deployment.monitoring.how !== 'operator') return { group: 'cluster', rules: [], cases: [] }
  // Hadal's own scaler has no HorizontalPodAutoscaler and reports its own state.
  const isOwn = view.deployment.scaling.autoscaler === 'hadal'
  const scaled = view.deployment.engines.filter(({ isScaled }) => isScaled && !isOwn)
  const pending = pendingTime(view)
  const counted = view.everywhere(restarts)
  return {
    group: 'cluster',
    rules: [
      view.alert({
        alert: 'HadalPodsPending',
        expr: `${view.everywhere(phase, 'phase="Pending"')} == 1`,
        for: promDuration(pending),
        severity: 'ticket',
        slo: 'engine',
        summary: '{{ $labels.pod }} does not start',
        description: `The pod has been pending for ${promDuration(pending)}: no node has capacity, the image or model download is slow, or a volume is missing.`,
      }),
      view.alert({
        alert: 'HadalPodRestarts',
        // Exact, while `increase` would guess between samples.
        expr: `${counted} - min_over_time(${counted}[30m]) >= 3`,
        severity: 'ticket',
        slo: 'engine',
        summary:
          '{{ $labels.pod }}: {{ $labels.container }} was restarted {{ $value | humanize }} times in 30m',
        description:
          'The container exited, or was killed by a probe or for its memory, three times or more within 30m.',
      }),
      view.alert({
        alert: 'HadalRolloutStuck',
        expr: `${select(condition, [...deployments(view), 'condition="Progressing"', 'status="false"'])} == 1`,
        severity: 'ticket',
        slo: 'engine',
        summary: 'The rollout of {{ $labels.deployment }} is stuck',
        description:
          'Kubernetes gave up waiting for new pods of {{ $labels.deployment }} (ProgressDeadlineExceeded). The remaining old pods still serve.',
      }),
      ...scaled.flatMap((plan) => [atMost(view, plan), failing(view, plan)]),
    ],
    cases: [
      ...podCases(view, pending),
      ...rolloutCases(view),
      ...scaled.flatMap((plan) => scaledCases(view, plan)),
    ],
  }
}

/** Loading of images and models is part of a start. */
function pendingTime(view: RuleView): number {
  return Math.max(15 * minute, ...view.deployment.engines.map((plan) => wholeMinutes(view.startMillis(plan))))
}

function deployments({ deployment: { namespace, gateway, engines } }: RuleView): readonly string[] {
  return [
    `namespace="${namespace}"`,
    `deployment=~"${[gateway, ...engines].map(({ name }) => name).join('|')}"`,
  ]
}

/** KEDA calls its autoscaler after the ScaledObject, which is called as the engine is. */
function autoscaler(view: RuleView, { name }: EnginePlan): Readonly<Record<string, string>> {
  const { namespace, scaling } = view.deployment
  return { namespace, horizontalpodautoscaler: scaling.autoscaler === 'keda' ? `keda-hpa-${name}` : name }
}

function ofScaler(view: RuleView, plan: EnginePlan, name: string, ...matchers: readonly string[]): string {
  const labels = Object.entries(autoscaler(view, plan)).map(([label, value]) => `${label}="${value}"`)
  return select(name, [...labels, ...matchers])
}

function atMost(view: RuleView, plan: EnginePlan): ReturnType<RuleView['alert']> {
  const { maxReplicas } = view.deployment.scaling
  return view.alert({
    alert: 'HadalScaledToMaximum',
    expr: `${ofScaler(view, plan, desired)} >= on (namespace, horizontalpodautoscaler) ${ofScaler(view, plan, most)}`,
    for: '15m',
    severity: 'ticket',
    slo: 'scaling',
    labels: { model_name: plan.modelId },
    summary: `${plan.modelId} runs at its maximum of {{ $value | humanize }} engines`,
    description: `For 15m the autoscaler has requested the maximum number of engines of ${plan.modelId} (${maxReplicas}): requests queue if the load grows.`,
  })
}

function failing(view: RuleView, plan: EnginePlan): ReturnType<RuleView['alert']> {
  return view.alert({
    alert: 'HadalScalerFailing',
    // Kubernetes sets the same condition, correctly, for targets scaled to zero.
    expr: `${ofScaler(view, plan, scalerCondition, 'condition="ScalingActive"', 'status="false"')} == 1 and on (namespace, horizontalpodautoscaler) ${ofScaler(view, plan, desired)} > 0`,
    for: '10m',
    severity: 'ticket',
    slo: 'scaling',
    labels: { model_name: plan.modelId },
    summary: `The autoscaler of ${plan.modelId} is not working`,
    description: `For 10m the autoscaler has had no metric value: the number of engines of ${plan.modelId} does not change.`,
  })
}

function podCases(view: RuleView, pending: number): readonly RuleCase[] {
  const plan = view.deployment.engines[0]
  if (plan === undefined) return []
  const samples = new Samples(view, pending + 40 * minute)
  const target = { ...engineTarget(view, plan), uid: 'a' }
  const waits = series(phase, { ...target, phase: 'Pending' })
  const labels = { ...target, container: 'engine' }
  const count = series(restarts, labels)
  return [
    {
      alert: 'HadalPodsPending',
      shows: 'longer than a start takes: fires then, and not before, with its texts',
      series: [samples.steady(waits, 1)],
      checks: [
        { atMillis: pending - minute, firing: [] },
        { atMillis: pending, firing: [{ labels: { ...target, phase: 'Pending' } }] },
      ],
    },
    {
      alert: 'HadalPodsPending',
      shows: 'a pod that runs in time, and one of somebody else',
      series: [
        samples.inTurn(waits, [1, pending - minute], [0, 40 * minute]),
        samples.steady(series(phase, { ...target, pod: 'other-7b9c8d5f4-q2w9z', phase: 'Pending' }), 1),
      ],
      checks: [{ atMillis: pending + 20 * minute, firing: [] }],
    },
    {
      alert: 'HadalPodRestarts',
      shows: 'three times in 30m, with its texts; 30m later it is over',
      series: [
        samples.inTurn(count, [2, 5 * minute], [3, 3 * minute], [4, 2 * minute], [5, pending + 30 * minute]),
      ],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 12 * minute, firing: [{ labels, value: '3' }] },
        { atMillis: 45 * minute, firing: [] },
      ],
    },
    {
      alert: 'HadalPodRestarts',
      shows: 'three times in forty minutes',
      series: [samples.inTurn(count, [0, 2 * minute], [1, 20 * minute], [2, 15 * minute], [3, pending])],
      checks: [{ atMillis: 38 * minute, firing: [] }],
    },
  ]
}

function rolloutCases(view: RuleView): readonly RuleCase[] {
  const { namespace, gateway } = view.deployment
  const samples = new Samples(view, 20 * minute)
  const labels = {
    namespace,
    deployment: gateway.name,
    condition: 'Progressing',
    status: 'false',
    reason: 'ProgressDeadlineExceeded',
  }
  return [
    {
      alert: 'HadalRolloutStuck',
      shows: 'fires at once, with its texts',
      series: [samples.steady(series(condition, labels), 1)],
      checks: [{ atMillis: minute, firing: [{ labels }] }],
    },
    {
      alert: 'HadalRolloutStuck',
      shows: 'goes on; somebody else’s does not',
      series: [
        samples.steady(series(condition, labels), 0),
        samples.steady(series(condition, { ...labels, status: 'true', reason: 'ReplicaSetUpdated' }), 1),
        samples.steady(series(condition, { ...labels, deployment: 'other' }), 1),
        samples.steady(series(condition, { ...labels, condition: 'Available' }), 1),
      ],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}

function scaledCases(view: RuleView, plan: EnginePlan): readonly RuleCase[] {
  const samples = new Samples(view, 30 * minute)
  const labels = autoscaler(view, plan)
  const rule = { model_name: plan.modelId }
  const may = samples.steady(series(most, labels), 4)
  const wants = (replicas: number) => samples.steady(series(desired, labels), replicas)
  const says = { ...labels, condition: 'ScalingActive', status: 'false' }
  const inactive = samples.steady(series(scalerCondition, says), 1)
  return [
    {
      alert: 'HadalScaledToMaximum',
      shows: `${plan.modelId}: all it may have, fires after 15m, and not before, with its texts`,
      series: [may, wants(4)],
      checks: [
        { atMillis: 14 * minute, firing: [] },
        { atMillis: 15 * minute, firing: [{ labels, rule, value: '4' }] },
      ],
    },
    {
      alert: 'HadalScaledToMaximum',
      shows: `${plan.modelId}: one less`,
      series: [may, wants(3)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
    {
      alert: 'HadalScalerFailing',
      shows: `${plan.modelId}: has nothing to go by, fires after 10m, and not before, with its texts`,
      series: [inactive, wants(1)],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing: [{ labels: says, rule }] },
      ],
    },
    {
      alert: 'HadalScalerFailing',
      shows: `${plan.modelId}: scaled to none`,
      series: [inactive, wants(0)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
  ]
}
