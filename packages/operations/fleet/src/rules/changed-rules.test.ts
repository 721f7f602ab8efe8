/** Rules that are changed by mistake: their own unit tests say so. */

import { describe, expect, it } from 'vitest'
import { runsSlowTests } from '../../../../kernel/base/test/slow-tests.ts'
import { gpuNode } from '../../test/deployments.ts'
import { whyNoPrograms } from '../../test/programs.ts'
import { unnoticedChanges } from '../../test/prove-rules.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { hour } from './prom-duration.ts'
import { type AlertRule, isAlert, type Rule } from './rule-groups.ts'
import { topicsOf } from './rules-of.ts'
import type { TopicRules } from './topic-rules.ts'

/** With everything that has rules. */
const everything: Deployment = {
  ...gpuNode,
  engines: gpuNode.engines.map((engine) => ({ ...engine, isScaled: true })),
  slo: { ...gpuNode.slo, ttftMillis: 250 },
  scaling: { ...gpuNode.scaling, autoscaler: 'keda' },
}

/** A scaler that exports its own metrics, which is never used together with KEDA. */
const selfScaled: Deployment = { ...everything, scaling: { ...everything.scaling, autoscaler: 'hadal' } }

/** Each with rules in it. */
const topics: readonly TopicRules[] = topicsOf(everything).map((topic, at) =>
  topic.rules.length > 0 ? topic : topicsOf(selfScaled)[at]!,
)

/** Bounds that no value comes near, and what only has to be more than nothing. */
const isBound = (number: string): boolean => ['1e18', '1e300', '-1e300', '100'].includes(number)

interface Change {
  readonly name: string
  readonly alert: AlertRule
  readonly to: AlertRule | undefined
}

function changesOf(alert: AlertRule): readonly Change[] {
  const { expr } = alert
  const to = (what: string, changed: Partial<AlertRule>): Change => ({
    name: `${alert.alert} ${JSON.stringify(alert.labels)}: ${what}`,
    alert,
    to: { ...alert, ...changed },
  })
  const numbers = new Set(
    [...expr.matchAll(/(?:[<>]=?|[=!]=) (-?[\d.e]+)/g)].map(([, number = '']) => number),
  )
  // The first few Xid error codes represent all.
  const thresholds = [...numbers]
    .filter((number) => !isBound(number) || alert.alert === 'HadalTrainingGradientNorm')
    .slice(0, 4)
  const replaced = (number: string, by: number): string =>
    expr.replace(new RegExp(`([<>]=?|[=!]=) ${number.replace('.', '\\.')}(?![\\d.])`, 'g'), `$1 ${by}`)
  const { for: time, ...atOnce } = alert
  return [
    { name: `${alert.alert} ${JSON.stringify(alert.labels)}: taken out`, alert, to: undefined },
    ...thresholds.flatMap((number) =>
      othersThan(Number(number)).map((by) => to(`${number} made ${by}`, { expr: replaced(number, by) })),
    ),
    ...(time === undefined
      ? []
      : [
          { name: `${alert.alert}: for ${time} left out`, alert, to: atOnce as AlertRule },
          to(`for ${time} made longer`, { for: longer(time) }),
        ]),
  ]
}

/** Whether an alert is the first or last of its name: burn-rate alerts differ only in their numbers. */
function isFirstOrLast({ alert }: AlertRule, at: number, all: readonly AlertRule[]): boolean {
  return all[at - 1]?.alert !== alert || all[at + 1]?.alert !== alert
}

function othersThan(number: number): readonly number[] {
  if (number === 0 || number === 1) return [number + 1]
  return number < 5 && Number.isInteger(number) ? [number - 1, number + 1] : [number * 0.6, number * 1.6]
}

function longer(time: string): string {
  return time.replace(/\d+/, (number) => `${Number(number) * 2}`)
}

/** Reduces a topic to this alert, its cases and its recording rules. */
function alone({ group, rules, cases }: TopicRules, { alert }: AlertRule): TopicRules {
  const used = rules.filter((rule) => !isAlert(rule) || rule.alert === alert)
  const recorded = used.filter(
    (rule) => isAlert(rule) || used.some((each) => isAlert(each) && each.expr.includes(rule.record)),
  )
  // Cases of an hour and more are for other mistakes.
  const quick = cases.filter(({ checks }) => checks.every(({ atMillis }) => atMillis < hour))
  return { group, rules: recorded, cases: quick.filter((each) => each.alert === alert) }
}

const why = whyNoPrograms('promtool')

/** All of each alert at night; otherwise one of each, in turn of another kind. */
const changes = topics
  .flatMap((topic) =>
    topic.rules
      .filter(isAlert)
      .filter(isFirstOrLast)
      .map((alert) => ({ topic, all: changesOf(alert) })),
  )
  .flatMap(({ topic, all }, at) =>
    (runsSlowTests ? all : [all[at % all.length]!]).map((change) => ({ topic, ...change })),
  )

describe.skipIf(why !== undefined)(`a rule that is changed fails its tests ${why ?? ''}`, () => {
  it.each(topics.map((topic) => [topic.group, topic] as const))('%s', (_, topic) => {
    const ours = changes
      .filter((change) => change.topic === topic)
      .map(({ name, alert, to }) => {
        const own = alone(topic, alert)
        const rules: readonly Rule[] = own.rules.flatMap((rule) =>
          rule === alert ? (to === undefined ? [] : [to]) : [rule],
        )
        return { name, rules, topic: own }
      })
    expect(ours.length).toBeGreaterThan(0)
    expect(unnoticedChanges(ours, 15_000)).toEqual([])
  })
})
