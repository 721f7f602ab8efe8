/** Engines themselves: whether they take requests, how often they start again, and how full their cache is. */

import { metrics } from '@hadal/protocol'
import type { EnginePlan } from '../../deployment/deployment.ts'
import { engineSeries } from '../../series/engine-series.ts'
import { minute, promDuration } from '../prom-duration.ts'
import { engineTarget, type RuleCase, Samples, series } from '../rule-case.ts'
import type { AlertRule } from '../rule-groups.ts'
import type { RuleView } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

export const engines: TopicOf = (view) => {
  const all = view.deployment.engines
  const ours = all.filter(({ kind }) => kind === 'llama')
  return {
    group: 'engines',
    rules: [
      ...(ours.length > 0 ? [notReady(view, ours), restarts(view, ours)] : []),
      ...(all.length > 0 ? [cacheFull(view)] : []),
      ...preemptions(view),
    ],
    cases: [
      ...(ours.length > 0 ? [...notReadyCases(view, ours), ...restartCases(view, ours)] : []),
      ...all.slice(0, 1).flatMap((plan) => cacheCases(view, plan)),
      ...all
        .filter(hasPreemptions)
        .slice(0, 1)
        .flatMap((plan) => preemptionCases(view, plan)),
    ],
  }
}

function hasPreemptions({ kind }: EnginePlan): boolean {
  return engineSeries(kind).preemptions !== undefined
}

function startTime(view: RuleView, plans: readonly EnginePlan[]): number {
  return Math.max(5 * minute, ...plans.map((plan) => view.startMillis(plan)))
}

function notReady(view: RuleView, plans: readonly EnginePlan[]): AlertRule {
  const time = promDuration(startTime(view, plans))
  return view.alert({
    alert: 'HadalEngineNotReady',
    expr: `${view.engines(metrics.engineReady.name, plans)} == 0`,
    for: time,
    severity: 'ticket',
    slo: 'engine',
    summary: 'An engine of {{ $labels.model_name }} is not ready: {{ $labels.pod }}{{ $labels.instance }}',
    description: `The engine has not been ready for ${time}, longer than its start may take. Its server responds with 503.`,
  })
}

const restartsWithin = '15m'
const restartLimit = 2

function restarts(view: RuleView, plans: readonly EnginePlan[]): AlertRule {
  const count = view.engines(metrics.engineRestarts.name, plans)
  return view.alert({
    alert: 'HadalEngineRestarts',
    // It counts since the server began: `increase` would guess between samples, and `changes` would count a fall to 0.
    expr: `${count} - min_over_time(${count}[${restartsWithin}]) >= ${restartLimit}`,
    severity: 'ticket',
    slo: 'engine',
    summary:
      'The engine of {{ $labels.model_name }} was restarted {{ $value | humanize }} times in 15m: {{ $labels.pod }}{{ $labels.instance }}',
    description:
      'The process with the native library crashed while its server kept running. Its requests failed with engine_crashed.',
  })
}

const fullLimit = 0.95

function cacheFull(view: RuleView): AlertRule {
  const usage = view.quantity(({ kvUsage }) => kvUsage).join(' or ')
  return view.alert({
    alert: 'HadalKvCacheFull',
    expr: `avg by (model_name) (${usage}) > ${fullLimit}`,
    for: '10m',
    severity: 'ticket',
    slo: 'engine',
    summary: '{{ $labels.model_name }}: {{ $value | humanizePercentage }} of the KV cache is used',
    description:
      'For 10m the KV cache of {{ $labels.model_name }} engines has been almost full: requests queue, and some are recomputed.',
  })
}

const preemptionLimit = 0.1

function preemptions(view: RuleView): readonly AlertRule[] {
  const [put] = view.quantity(({ preemptions: name }) => name)
  const [finished] = view.quantity(({ finished: name }) => name)
  if (put === undefined || finished === undefined) return []
  const rate = (series: string): string => `sum by (model_name) (rate(${series}[5m]))`
  return [
    view.alert({
      alert: 'HadalPreemptions',
      expr: `${rate(put)} / ${rate(finished)} > ${preemptionLimit}`,
      for: '10m',
      severity: 'ticket',
      slo: 'engine',
      summary: '{{ $labels.model_name }}: {{ $value | humanizePercentage }} of requests are preempted',
      description:
        'For 10m more than one in ten requests to {{ $labels.model_name }} has been preempted and recomputed because the KV cache was full.',
    }),
  ]
}

function notReadyCases(view: RuleView, plans: readonly EnginePlan[]): readonly RuleCase[] {
  const alert = 'HadalEngineNotReady'
  const time = startTime(view, plans)
  const samples = new Samples(view, time + 10 * minute)
  const plan = plans[0] as EnginePlan
  const labels = { ...engineTarget(view, plan), model_name: plan.modelId }
  const ready = series(metrics.engineReady.name, labels)
  return [
    {
      alert,
      shows: 'longer than a start: fires then, and not before, with its texts',
      series: [samples.steady(ready, 0)],
      checks: [
        { atMillis: time - minute, firing: [] },
        { atMillis: time, firing: [{ labels, value: '0' }] },
      ],
    },
    {
      alert,
      shows: 'a start that takes all the time it may',
      series: [samples.inTurn(ready, [0, time - minute], [1, 11 * minute])],
      checks: [{ atMillis: time + 5 * minute, firing: [] }],
    },
  ]
}

function restartCases(view: RuleView, plans: readonly EnginePlan[]): readonly RuleCase[] {
  const alert = 'HadalEngineRestarts'
  const samples = new Samples(view, 40 * minute)
  const plan = plans[0] as EnginePlan
  const labels = { ...engineTarget(view, plan), model_name: plan.modelId }
  const count = series(metrics.engineRestarts.name, labels)
  return [
    {
      alert,
      shows: 'twice in 15m, with its texts; 15m later it is over',
      series: [samples.inTurn(count, [0, 8 * minute], [1, 4 * minute], [2, 28 * minute])],
      checks: [
        { atMillis: 10 * minute, firing: [] },
        { atMillis: 13 * minute, firing: [{ labels, value: '2' }] },
        { atMillis: 30 * minute, firing: [] },
      ],
    },
    {
      alert,
      shows: 'twice in twenty minutes',
      series: [samples.inTurn(count, [0, 5 * minute], [1, 20 * minute], [2, 15 * minute])],
      checks: [{ atMillis: 27 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'a server that was itself started again counts from 0',
      series: [samples.inTurn(count, [7, 10 * minute], [0, 5 * minute], [1, 25 * minute])],
      checks: [
        { atMillis: 12 * minute, firing: [] },
        { atMillis: 17 * minute, firing: [] },
      ],
    },
  ]
}

function cacheCases(view: RuleView, plan: EnginePlan): readonly RuleCase[] {
  const alert = 'HadalKvCacheFull'
  const samples = new Samples(view, 20 * minute)
  const usage = series(engineSeries(plan.kind).kvUsage, {
    ...engineTarget(view, plan),
    model_name: plan.modelId,
  })
  const firing = [{ labels: { model_name: plan.modelId }, value: '96%' }]
  return [
    {
      alert,
      shows: `${plan.kind}: 96% fires after 10m, and not before, with its texts`,
      series: [samples.steady(usage, 0.96)],
      checks: [
        { atMillis: 9 * minute, firing: [] },
        { atMillis: 10 * minute, firing },
      ],
    },
    {
      alert,
      shows: `${plan.kind}: 94% does not`,
      series: [samples.steady(usage, 0.94)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert,
      shows: `${plan.kind}: no number is not full`,
      series: [samples.steady(usage, 'NaN')],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}

function preemptionCases(view: RuleView, plan: EnginePlan): readonly RuleCase[] {
  const alert = 'HadalPreemptions'
  const { preemptions: put, finished } = engineSeries(plan.kind)
  if (put === undefined || finished === undefined) return []
  const samples = new Samples(view, 20 * minute)
  const labels = { ...engineTarget(view, plan), model_name: plan.modelId }
  const done = (reason: string, each: number) =>
    samples.growing(series(finished, { ...labels, finished_reason: reason }), each)
  return [
    {
      alert,
      shows: 'twelve of a hundred requests fire after 10m, and not before, with its texts',
      series: [done('stop', 60), done('length', 40), samples.growing(series(put, labels), 12)],
      checks: [
        { atMillis: 10 * minute, firing: [] },
        { atMillis: 11 * minute, firing: [{ labels: { model_name: plan.modelId }, value: '12%' }] },
      ],
    },
    {
      alert,
      shows: 'nine of a hundred do not',
      series: [done('stop', 60), done('length', 40), samples.growing(series(put, labels), 9)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
    {
      alert,
      shows: 'without requests there is no ratio',
      series: [samples.steady(series(finished, labels), 7), samples.steady(series(put, labels), 7)],
      checks: [{ atMillis: 15 * minute, firing: [] }],
    },
  ]
}
