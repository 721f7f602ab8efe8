/**
 * A unit test of a rule: input series, and which alerts fire when. Expectations are written next to each alert from its meaning;
 * constant labels and texts come from the rule.
 */

import type { RuleView } from './rule-view.ts'

export interface RuleCase {
  readonly alert: string
  /** What the case shows, as part of a name: `waits for less than its time`. */
  readonly shows: string
  /** Between samples; the scrape interval by default. */
  readonly everyMillis?: number
  readonly series: readonly InputSeries[]
  readonly checks: readonly Check[]
}

export interface InputSeries {
  readonly series: string
  /** In promtool's notation: `0+3x20`, `1x5 _x3 NaN`. */
  readonly values: string
}

export interface Check {
  readonly atMillis: number
  readonly firing: readonly Firing[]
}

export interface Firing {
  /** Besides those that the rule itself sets. */
  readonly labels?: Readonly<Record<string, string>>
  /** Which of several rules of that name: labels that only it has. */
  readonly rule?: Readonly<Record<string, string>>
  /** `$value` as the summary shows it; if set, the texts of the alert are compared, too. */
  readonly value?: string
}

/** Writes series of one view, over a span of time. */
export class Samples {
  readonly everyMillis: number
  readonly spanMillis: number

  constructor(view: RuleView, spanMillis: number, everyMillis?: number) {
    this.everyMillis = everyMillis ?? view.deployment.monitor.scrapeIntervalMillis
    this.spanMillis = spanMillis
  }

  /** How many scrapes a span has. */
  count(millis: number = this.spanMillis): number {
    return Math.ceil(millis / this.everyMillis)
  }

  /** The same value throughout. */
  steady(series: string, value: number | string): InputSeries {
    return { series, values: repeated(value, this.count()) }
  }

  /** A counter from 0 that grows by so much at each scrape. */
  growing(series: string, perScrape: number): InputSeries {
    return { series, values: `0+${perScrape}x${this.count()}` }
  }

  /** Values in order, each for its time; `_` is no sample. */
  inTurn(
    series: string,
    ...turns: readonly (readonly [value: number | string, millis: number])[]
  ): InputSeries {
    const values = turns.map(([value, millis]) => repeated(value, this.count(millis)))
    return { series, values: values.join(' ') }
  }
}

/** Repeats a value `samples` times: `axn` is n + 1 samples for numbers, n for `_`, and names of numbers cannot be repeated. */
function repeated(value: number | string, samples: number): string {
  if (samples === 0) return ''
  if (value === '_') return `_x${samples}`
  return typeof value === 'number' ? `${value}x${samples - 1}` : `${value} `.repeat(samples).trim()
}

/** A series with labels in promtool's and PromQL's notation. */
export function series(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

/** What a scrape adds to series of the gateway's pod. */
export function gatewayTarget(
  { inCluster, deployment }: RuleView,
  pod = 'x7k2p',
): Readonly<Record<string, string>> {
  const { name, namespace, gateway } = deployment
  if (!inCluster) return { job: name, instance: `127.0.0.1:${gateway.port}` }
  return { namespace, pod: `${gateway.name}-6d5f7c9b8-${pod}` }
}

export function engineTarget(
  { inCluster, deployment }: RuleView,
  plan: RuleView['deployment']['engines'][number],
): Readonly<Record<string, string>> {
  if (!inCluster) return { job: deployment.name, instance: `127.0.0.1:${plan.port}` }
  const end = plan.nodes > 1 ? 'group-0' : '7b9c8d5f4-q2w9z'
  return { namespace: deployment.namespace, pod: `${plan.name}-${end}` }
}
