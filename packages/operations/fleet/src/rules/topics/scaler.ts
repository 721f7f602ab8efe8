/** Alerts on `hadal scale`: whether it can decide, and whether it is permitted to act. */

import { scaleMetrics } from '@hadal/protocol'
import { hasScaler } from '../../autoscale/scaler-manifests.ts'
import { scalerName } from '../../autoscale/scaler-plan.ts'
import type { EnginePlan } from '../../deployment/deployment.ts'
import { minute } from '../prom-duration.ts'
import { type RuleCase, Samples, series } from '../rule-case.ts'
import type { AlertRule } from '../rule-groups.ts'
import { type RuleView, select } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

export const scaler: TopicOf = (view) => {
  const { deployment, inCluster } = view
  if (!inCluster || !hasScaler(deployment)) return { group: 'scaler', rules: [], cases: [] }
  const scaled = deployment.engines.filter(({ isScaled }) => isScaled)
  return {
    group: 'scaler',
    rules: [leaderless(view), ...scaled.flatMap((plan) => [atMost(view, plan), blind(view, plan)])],
    cases: [...leaderCases(view), ...scaled.flatMap((plan) => modelCases(view, plan))],
  }
}

type Metric = keyof typeof scaleMetrics

/** Series of the scaler's pods; standby pods export no model metrics. */
function of(view: RuleView, metric: Metric, ...matchers: readonly string[]): string {
  const { namespace } = view.deployment
  const pods = `${scalerName(view.deployment)}-[a-z0-9]+(-[a-z0-9]{5})?`
  return select(scaleMetrics[metric].name, [`namespace="${namespace}"`, `pod=~"${pods}"`, ...matchers])
}

const ofModel = ({ modelId }: EnginePlan): string => `model_name=${JSON.stringify(modelId)}`

function leaderless(view: RuleView): AlertRule {
  return view.alert({
    alert: 'HadalScalerFailing',
    expr: `(max(${of(view, 'isLeader')}) or vector(0)) == 0`,
    for: '10m',
    severity: 'ticket',
    slo: 'scaling',
    summary: `No scaler of ${view.deployment.name} is leader`,
    description:
      'For 10m no scaler has been leader, or Prometheus has none as a target: the number of engines does not change.',
  })
}

function atMost(view: RuleView, plan: EnginePlan): AlertRule {
  const { maxReplicas } = view.deployment.scaling
  const model = ofModel(plan)
  return view.alert({
    alert: 'HadalScaledToMaximum',
    expr: `max(${of(view, 'desired', model)}) >= max(${of(view, 'maxReplicas', model)})`,
    for: '15m',
    severity: 'ticket',
    slo: 'scaling',
    labels: { model_name: plan.modelId },
    summary: `${plan.modelId} runs at its maximum of {{ $value | humanize }} engines`,
    description: `For 15m the scaler has requested the maximum number of engines of ${plan.modelId} (${maxReplicas}): requests queue if the load grows.`,
  })
}

/** How busy engines are and how many wait: without one of them nothing is taken away, without both nothing is added. */
function blind(view: RuleView, plan: EnginePlan): AlertRule {
  return view.alert({
    alert: 'HadalScalerFailing',
    expr: `max(${of(view, 'unusable', ofModel(plan), 'signal=~"busy|backlog"')}) == 1`,
    for: '10m',
    severity: 'ticket',
    slo: 'scaling',
    labels: { model_name: plan.modelId },
    summary: `The autoscaler of ${plan.modelId} is not working`,
    description: `For 10m a required metric has been missing: \`hadal scale status\` reports which, and why. Meanwhile no engine of ${plan.modelId} is removed.`,
  })
}

const labelsOf = ({ deployment }: RuleView): Readonly<Record<string, string>> => ({
  namespace: deployment.namespace,
  pod: `${scalerName(deployment)}-6d5f7c9b8-x7k2p`,
})

function leaderCases(view: RuleView): readonly RuleCase[] {
  const samples = new Samples(view, 30 * minute)
  const leads = series(scaleMetrics.isLeader.name, labelsOf(view))
  const other = series(scaleMetrics.isLeader.name, { ...labelsOf(view), pod: `${labelsOf(view).pod}2` })
  return [
    {
      alert: 'HadalScalerFailing',
      shows: 'two that wait for each other, fires after 10m, and not before',
      series: [samples.steady(leads, 0)],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 11 * minute, firing: [{ rule: { slo: 'scaling' } }] },
      ],
    },
    {
      alert: 'HadalScalerFailing',
      shows: 'one leads, one waits',
      series: [samples.steady(leads, 1), samples.steady(other, 0)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
  ]
}

function modelCases(view: RuleView, plan: EnginePlan): readonly RuleCase[] {
  const samples = new Samples(view, 30 * minute)
  const labels = { ...labelsOf(view), model_name: plan.modelId }
  const rule = { model_name: plan.modelId }
  const leads = samples.steady(series(scaleMetrics.isLeader.name, labelsOf(view)), 1)
  const may = samples.steady(series(scaleMetrics.maxReplicas.name, labels), 4)
  const wants = (replicas: number) => samples.steady(series(scaleMetrics.desired.name, labels), replicas)
  const lacks = (signal: string) =>
    samples.steady(series(scaleMetrics.unusable.name, { ...labels, signal }), 1)
  return [
    {
      alert: 'HadalScaledToMaximum',
      shows: `${plan.modelId}: all it may have, fires after 15m, and not before, with its texts`,
      series: [leads, may, wants(4)],
      checks: [
        { atMillis: 14 * minute, firing: [] },
        { atMillis: 15 * minute, firing: [{ rule, value: '4' }] },
      ],
    },
    {
      alert: 'HadalScaledToMaximum',
      shows: `${plan.modelId}: one less`,
      series: [leads, may, wants(3)],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
    {
      alert: 'HadalScalerFailing',
      shows: `${plan.modelId}: does not know how busy engines are, fires after 10m, and not before`,
      series: [leads, lacks('busy')],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing: [{ rule }] },
      ],
    },
    {
      alert: 'HadalScalerFailing',
      shows: `${plan.modelId}: only the P99 is missing`,
      series: [leads, lacks('latency')],
      checks: [{ atMillis: 25 * minute, firing: [] }],
    },
  ]
}
