/** Synthetic series at and around the SLO, with ground truth computed from the generated requests instead of a rule. */

import { quantile } from '@hadal/base'
import { normal, type Random } from '@hadal/batching'
import { buckets, metrics } from '@hadal/protocol'
import type { AlertCase, InputSeries } from './ask-promtool.ts'
import type { RenderedRules } from './rules.ts'

export interface Case extends AlertCase {
  readonly kind: 'made' | 'live'
  /** P99 in milliseconds, or requests that wait, that was so for five minutes on end. */
  readonly truth: number
  /** From when on it was so. */
  readonly sinceSeconds: number
  /** Set if clients of a real server were on both sides of the limit: the expected result is unknown. */
  readonly isUnclear?: boolean
}

export const minutes = 13
const holdSeconds = 300

export function series(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return `${name}{${pairs.join(',')}}`
}

const requests = 2000

/** P99s at which requests are drawn, in milliseconds. */
const p99s = [300, 400, 450, 480, 495, 499, 500, 501, 505, 520, 550, 600, 750, 1000]

export function latencyCases(rules: RenderedRules, random: Random, rounds: number): readonly Case[] {
  const cases: Case[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const p99 of p99s) {
      const drawn = latenciesWith(p99, random)
      const truth = quantile(drawn, 0.99)
      const name = `P99 of ${p99} ms`
      cases.push(latencyCase(name, truth, 0, histogramSeries(rules, [[drawn, minutes]])))
    }
    const quick = latenciesWith(300, random)
    const slow = latenciesWith(600 + 400 * random(), random)
    const turn = histogramSeries(rules, [
      [quick, 3],
      [slow, minutes - 3],
    ])
    cases.push(latencyCase('slow from minute 3 on', quantile(slow, 0.99), 180, turn))
  }
  return cases
}

const latencyCase = (
  name: string,
  truth: number,
  sinceSeconds: number,
  input: readonly InputSeries[],
): Case => ({ kind: 'made', alert: 'HadalLatencyHigh', name, truth, sinceSeconds, series: input })

/** Lognormal, stretched so that the 99th of 100 is exactly `p99`. Milliseconds. */
function latenciesWith(p99: number, random: Random): readonly number[] {
  const sigma = 0.2 + 0.8 * random()
  const drawn = Array.from({ length: requests }, () => Math.exp(sigma * normal(random)))
  const factor = p99 / quantile(drawn, 0.99)
  // The 99th itself is put in place of what rounding makes of it.
  return drawn.map((each) => (each * factor > p99 - 1e-9 && each * factor < p99 + 1e-9 ? p99 : each * factor))
}

/** As in scrapes of the gateway: the requests between two scrapes, repeated for the minutes of each turn. */
export function histogramSeries(
  { gateway, promised }: RenderedRules,
  turns: readonly (readonly [millis: readonly number[], minutes: number])[],
): readonly InputSeries[] {
  const labels = { ...gateway, model_name: 'made' }
  const edges = [...buckets.request.map((edge) => [String(edge), edge] as const), ['+Inf', Infinity] as const]
  const { name } = metrics.endToEnd
  return [
    ...edges.map(([le, edge]) => ({
      series: series(`${name}_bucket`, { ...labels, le }),
      values: counter(
        turns.map(([millis, long]) => [millis.filter((each) => each <= edge * 1000).length, long]),
        promised.scrapeMillis,
      ),
    })),
    {
      series: series(`${name}_count`, labels),
      values: counter(
        turns.map(([millis, long]) => [millis.length, long]),
        promised.scrapeMillis,
      ),
    },
  ]
}

function counter(
  turns: readonly (readonly [perScrape: number, minutes: number])[],
  scrapeMillis: number,
): string {
  let from = 0
  return turns
    .map(([perScrape, long]) => {
      const scrapes = Math.round((long * 60_000) / scrapeMillis)
      const text = `${from}+${perScrape}x${scrapes}`
      from += perScrape * (scrapes + 1)
      return text
    })
    .join(' ')
}

export function backlogCases(rules: RenderedRules, random: Random, rounds: number): readonly Case[] {
  const { scrapeMillis, maxBacklog } = rules.promised
  const scrapes = (minutes * 60_000) / scrapeMillis + 1
  const times = (count: number, value: number): number[] => new Array<number>(count).fill(value)
  const cases: Case[] = []
  const add = (name: string, gateway: readonly number[], engine?: readonly number[]): void => {
    const both = gateway.map((value, at) => value + (engine?.[at] ?? 0))
    const held = heldFor(both, holdSeconds / (scrapeMillis / 1000) + 1)
    const input = [waitingSeries(rules.gateway, gateway)]
    if (engine !== undefined) input.push(waitingSeries(rules.engine, engine))
    cases.push({ kind: 'made', alert: 'HadalBacklogHigh', name, ...held, series: input })
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const waiting of [0, 5, 8, 9, 10, 11, 12, 15, 20, 40])
      add(`${waiting} wait`, times(scrapes, waiting))
    const few = Math.floor(random() * maxBacklog)
    add('as many as may, in two pods', times(scrapes, few), times(scrapes, maxBacklog - few))
    add('one more, in two pods', times(scrapes, few), times(scrapes, maxBacklog + 1 - few))
    // Four minutes at the most.
    const short = 4 + Math.floor(random() * 12)
    add('many, and soon none', [...times(8, 0), ...times(short, 30), ...times(scrapes - 8 - short, 0)])
    const turns = Array.from({ length: scrapes }, (_, at) => (at % 8 < 5 ? 20 : Math.floor(random() * 10)))
    add('many, and none every two minutes', turns)
    const late = 4 + Math.floor(random() * 20)
    add('many from a drawn minute on', [...times(late, 2), ...times(scrapes - late, 13)])
  }
  return cases
}

const waitingSeries = (target: Readonly<Record<string, string>>, values: readonly number[]): InputSeries => ({
  series: series(metrics.requestsWaiting.name, { ...target, model_name: 'made' }),
  values: values.join(' '),
})

/** The highest level that `scrapes` consecutive values never fall below, and from when. */
function heldFor(values: readonly number[], scrapes: number): { truth: number; sinceSeconds: number } {
  let best = { truth: Number.NEGATIVE_INFINITY, sinceSeconds: 0 }
  for (let from = 0; from + scrapes <= values.length; from += 1) {
    const truth = Math.min(...values.slice(from, from + scrapes))
    if (truth > best.truth) best = { truth, sinceSeconds: from * 15 }
  }
  return best
}
