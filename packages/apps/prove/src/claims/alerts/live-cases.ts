/**
 * The same for real servers: client latencies, and the server's own /metrics, scraped as by Prometheus. The interval between two scrapes is
 * repeated, because five minutes would give no more information.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '@hadal/base'
import { createFakeEngine } from '@hadal/engine'
import { metrics } from '@hadal/protocol'
import { createServer } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import { type Case, minutes, series } from './made-cases.ts'
import type { RenderedRules } from './rules.ts'

/** An engine with eight slots that writes 20 tokens, `tokenMillis` apart. */
export async function liveLatency(
  name: string,
  tokenMillis: number,
  rules: RenderedRules,
  signal: AbortSignal,
): Promise<Case> {
  await using served = await serve(tokenMillis, 8)
  await Promise.all(ask(served.url, 2, signal))
  const before = await served.scrape(signal)
  const millis: number[] = []
  for (let wave = 0; wave < 3; wave += 1) millis.push(...(await Promise.all(ask(served.url, 8, signal))))
  const after = await served.scrape(signal)
  const scrapes = (minutes * 60_000) / rules.promised.scrapeMillis
  return {
    kind: 'live',
    alert: 'HadalLatencyHigh',
    name,
    truth: quantile(millis, 0.99),
    sinceSeconds: 0,
    isUnclear: new Set(millis.map((each) => each > rules.promised.latencyMillis)).size > 1,
    series: [...after]
      .filter(([key]) => key.startsWith(metrics.endToEnd.name))
      .map(([key, value]) => ({
        series: targeted(key, rules.gateway),
        values: `0+${value - (before.get(key) ?? 0)}x${scrapes}`,
      })),
  }
}

/** An engine with one slot, and `clients` concurrent clients. */
export async function liveBacklog(
  name: string,
  clients: number,
  rules: RenderedRules,
  signal: AbortSignal,
): Promise<Case> {
  await using served = await serve(100, 1)
  const leave = new AbortController()
  const asked = Promise.allSettled(ask(served.url, clients, AbortSignal.any([signal, leave.signal])))
  await sleep(600, undefined, { signal })
  const now = await served.scrape(signal)
  leave.abort()
  await asked
  const scrapes = (minutes * 60_000) / rules.promised.scrapeMillis
  return {
    kind: 'live',
    alert: 'HadalBacklogHigh',
    name,
    // One of them is written for.
    truth: clients - 1,
    sinceSeconds: 0,
    series: [...now]
      .filter(([key]) => key.startsWith(metrics.requestsWaiting.name))
      .map(([key, value]) => ({ series: targeted(key, rules.gateway), values: `${value}x${scrapes}` })),
  }
}

interface Served extends AsyncDisposable {
  readonly url: string
  /** By series, as they are written. */
  scrape(signal: AbortSignal): Promise<ReadonlyMap<string, number>>
}

async function serve(tokenMillis: number, maxBatchSize: number): Promise<Served> {
  const engine = createFakeEngine({
    reply: 'x'.repeat(20),
    tokenMillis,
    maxBatchSize,
    model: { id: 'paced' },
  })
  const server = createServer({ engines: [engine], telemetry: createTelemetry() })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    async scrape(signal) {
      const text = await (await fetch(`${url}/metrics`, { signal })).text()
      const lines = text.matchAll(/^([\w:]+\{[^}]*\}) (\S+)$/gm)
      return new Map(Array.from(lines, ([, key, value]) => [key!, Number(value)]))
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Milliseconds of each whole answer. */
function ask(url: string, clients: number, signal: AbortSignal): Promise<number>[] {
  return Array.from({ length: clients }, async () => {
    const began = performance.now()
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'paced', prompt: 'go on', max_tokens: 20 }),
      signal,
    })
    await response.text()
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    return performance.now() - began
  })
}

/** With the labels of whom Prometheus read it from. */
function targeted(key: string, target: Readonly<Record<string, string>>): string {
  const [, name, labels] = /^([\w:]+)\{(.*)\}$/.exec(key)!
  return series(name!, target).replace(/\}$/, labels === '' ? '}' : `,${labels}}`)
}
