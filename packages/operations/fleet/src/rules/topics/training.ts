/** Alerts on `hadal train` runs: learning, progress, privacy budget. Silent without runs. */

import { trainingMetrics } from '@hadal/protocol'
import { minute } from '../prom-duration.ts'
import { type RuleCase, Samples, series } from '../rule-case.ts'
import type { RuleView } from '../rule-view.ts'
import { select } from '../rule-view.ts'
import type { TopicOf } from '../topic-rules.ts'

const { loss, running, steps, gradientNorm, epsilonSpent, epsilonBudget, checkpointTime, startTime } =
  trainingMetrics

const normLimit = 100
const spentLimit = 0.9
const checkpointLimit = 6 * 3600

export const training: TopicOf = (view) => {
  const matchers = view.inCluster ? [`namespace="${view.deployment.namespace}"`] : []
  const of = (name: string): string => select(name, matchers)
  const runs = (expr: string): string => `max by (run) (${expr})`
  return {
    group: 'training',
    rules: [
      view.alert({
        alert: 'HadalTrainingLossNotANumber',
        // Only NaN differs from itself; infinities exceed every number.
        expr: `${of(loss.name)} != ${of(loss.name)} or ${of(loss.name)} > 1e300 or ${of(loss.name)} < -1e300`,
        severity: 'ticket',
        slo: 'training',
        summary: 'The loss of {{ $labels.run }} is {{ $value }}',
        description: 'The run {{ $labels.run }} has diverged. Further computation is wasted.',
      }),
      view.alert({
        alert: 'HadalTrainingStalled',
        expr: `${runs(of(running.name))} == 1 and ${runs(`increase(${of(steps.name)}[15m])`)} == 0`,
        for: '15m',
        severity: 'ticket',
        slo: 'training',
        summary: '{{ $labels.run }} makes no progress',
        description:
          'The run {{ $labels.run }} reports that it is running, but has not finished a step for 30m.',
      }),
      view.alert({
        alert: 'HadalTrainingGradientNorm',
        expr: `${runs(of(gradientNorm.name))} > ${normLimit}`,
        for: '5m',
        severity: 'ticket',
        slo: 'training',
        summary: 'The gradient norm of {{ $labels.run }} is {{ $value | humanize }}',
        description: `For 5m the gradient norm of {{ $labels.run }} before clipping has been above ${normLimit}: the run is about to diverge.`,
      }),
      view.alert({
        alert: 'HadalTrainingCheckpointOld',
        expr: `${runs(of(running.name))} == 1 and time() - (${runs(of(checkpointTime.name))} or ${runs(of(startTime.name))}) > ${checkpointLimit}`,
        severity: 'ticket',
        slo: 'training',
        summary: '{{ $labels.run }} has no recent checkpoint',
        description:
          'The run {{ $labels.run }} has been running for more than 6h without a checkpoint: if it ends now, that work is lost.',
      }),
      view.alert({
        alert: 'HadalTrainingPrivacyNearlySpent',
        expr: `${runs(of(epsilonSpent.name))} / ${runs(of(epsilonBudget.name))} > ${spentLimit}`,
        severity: 'ticket',
        slo: 'training',
        summary: '{{ $labels.run }} has spent {{ $value | humanizePercentage }} of its privacy budget',
        description:
          'The run {{ $labels.run }} stops when its epsilon is spent, even if training is not complete.',
      }),
    ],
    cases: cases(view),
  }
}

function cases(view: RuleView): readonly RuleCase[] {
  const { namespace } = view.deployment
  const labels = {
    ...(view.inCluster
      ? { namespace, pod: 'tune-0-abcde' }
      : { job: 'training', instance: '127.0.0.1:9400' }),
    run: 'tune',
  }
  const samples = new Samples(view, 45 * minute)
  const of = (name: string): string => series(name, labels)
  const run = { labels: { run: 'tune' } }
  const runs = samples.steady(of(running.name), 1)
  const late = [{ atMillis: 40 * minute, firing: [] }]
  const spent = (share: number) => [
    samples.steady(of(epsilonBudget.name), 8),
    samples.steady(of(epsilonSpent.name), 8 * share),
  ]
  return [
    ...(['NaN', '+Inf', '-Inf'] as const).map(
      (value): RuleCase => ({
        alert: 'HadalTrainingLossNotANumber',
        shows: `${value}, with its texts`,
        series: [
          samples.inTurn(of(loss.name), [2.5, 10 * minute], [value === '+Inf' ? 'Inf' : value, 35 * minute]),
        ],
        checks: [
          { atMillis: 9 * minute, firing: [] },
          { atMillis: 11 * minute, firing: [{ labels, value }] },
        ],
      }),
    ),
    {
      alert: 'HadalTrainingLossNotANumber',
      shows: 'a number',
      series: [samples.steady(of(loss.name), 0)],
      checks: late,
    },
    {
      alert: 'HadalTrainingStalled',
      shows: 'fires when it made no step for 30m, and not before, with its texts',
      series: [
        runs,
        {
          series: of(steps.name),
          values: `0+1x${samples.count(5 * minute)} ${samples.count(5 * minute)}x${samples.count(50 * minute)}`,
        },
      ],
      checks: [
        { atMillis: 33 * minute, firing: [] },
        { atMillis: 37 * minute, firing: [run] },
      ],
    },
    {
      alert: 'HadalTrainingStalled',
      shows: 'makes a step now and then',
      series: [runs, { series: of(steps.name), values: turnsOf(samples, 10 * minute, 5) }],
      checks: late,
    },
    {
      alert: 'HadalTrainingStalled',
      shows: 'is at its end',
      series: [samples.steady(of(running.name), 0), samples.steady(of(steps.name), 900)],
      checks: late,
    },
    {
      alert: 'HadalTrainingGradientNorm',
      shows: '101 fires after 5m, and not before, with its texts',
      series: [samples.steady(of(gradientNorm.name), 101)],
      checks: [
        { atMillis: 4 * minute, firing: [] },
        { atMillis: 5 * minute, firing: [{ ...run, value: '101' }] },
      ],
    },
    {
      alert: 'HadalTrainingGradientNorm',
      shows: '100 does not, nor does a single step',
      series: [
        samples.steady(of(gradientNorm.name), 100),
        samples.inTurn(
          series(gradientNorm.name, { ...labels, run: 'b' }),
          [1, 5 * minute],
          [900, 2 * minute],
          [1, 38 * minute],
        ),
      ],
      checks: [{ atMillis: 8 * minute, firing: [] }, ...late],
    },
    {
      // Times of tests begin at 0: what happened 6h before the tenth minute is below.
      alert: 'HadalTrainingCheckpointOld',
      shows: 'nothing was saved since it began, for more than 6h',
      series: [runs, samples.steady(of(startTime.name), -21_000)],
      checks: [
        { atMillis: 10 * minute, firing: [] },
        { atMillis: 11 * minute, firing: [run] },
      ],
    },
    {
      alert: 'HadalTrainingCheckpointOld',
      shows: 'it was saved, or has ended',
      series: [
        runs,
        samples.steady(of(startTime.name), -90_000),
        samples.steady(of(checkpointTime.name), -18_000),
        samples.steady(series(running.name, { ...labels, run: 'b' }), 0),
        samples.steady(series(startTime.name, { ...labels, run: 'b' }), -90_000),
      ],
      checks: late,
    },
    {
      alert: 'HadalTrainingPrivacyNearlySpent',
      shows: '95% fire at once, with its texts',
      series: spent(0.95),
      checks: [{ atMillis: minute, firing: [{ ...run, value: '95%' }] }],
    },
    { alert: 'HadalTrainingPrivacyNearlySpent', shows: '85% do not', series: spent(0.85), checks: late },
    {
      alert: 'HadalTrainingPrivacyNearlySpent',
      shows: 'a run without a budget',
      series: [samples.steady(of(epsilonSpent.name), 50)],
      checks: late,
    },
  ]
}

/** 0, 1, 2 and so on, each for `millis`. */
function turnsOf(samples: Samples, millis: number, turns: number): string {
  return Array.from({ length: turns }, (_, at) => `${at}x${samples.count(millis) - 1}`).join(' ')
}
