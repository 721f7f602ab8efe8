/**
 * Every metric name and label used by rules and dashboards is exported: ours by running servers, others by pinned lists. Event metrics are
 * triggered.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts, openAdministration } from '@hadal/accounts'
import { createFakeEngine } from '@hadal/engine'
import {
  checkMetricNames,
  dashboardQueries,
  exportedMetrics,
  type KnownMetric,
  pinnedMetrics,
  recordedMetrics,
  rulesOf,
  scrapeMetrics,
} from '@hadal/fleet'
import { metricsListener } from '@hadal/launch/recipe'
import { createServer } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import type { TrainEvent } from '@hadal/train'
import { createUpstream } from '@hadal/upstream'
import { expect, it, onTestFinished } from 'vitest'
import { gpuNode, laptop, vllm8gpu } from '../../../operations/fleet/test/deployments.ts'
import { wordGuard } from '../../../serving/server/test/guarded.ts'

/** An engine behind a gateway with keys and a guard; metrics of both after all kinds of events. */
async function exportedByServers(): Promise<readonly KnownMetric[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-metrics-'))
  const engineTelemetry = createTelemetry()
  const engine = createServer({
    models: [{ kind: 'local', id: 'far', open: async () => createFakeEngine({ model: { id: 'far' } }) }],
    telemetry: engineTelemetry,
  })
  const { url } = await engine.listen({ host: '127.0.0.1', port: 0 })
  const telemetry = createTelemetry()
  const database = join(folder, 'accounts.sqlite')
  const administration = await openAdministration({ database, mustExist: false })
  const { secret } = await administration.create('team', {})
  await administration[Symbol.asyncDispose]()
  const accounts = await openAccounts({
    database,
    journalDir: join(folder, 'journal'),
    telemetry,
  })
  const upstream = createUpstream({ id: 'far', replicas: [url] })
  const guard = wordGuard({}, { hasBudget: true })
  const { screen } = guard
  guard.screen = async (...requested) => ({
    ...(await screen(...requested)),
    failed: { words: 'it took too long' },
  })
  const server = createServer({
    models: [{ kind: 'upstream', id: 'far', aliases: [], fallbacks: [], upstream }],
    telemetry,
    accounts,
    guard: { guard },
  })
  onTestFinished(async () => {
    await server.close()
    await upstream[Symbol.asyncDispose]()
    await accounts[Symbol.asyncDispose]()
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const ask = (headers: Record<string, string>, content: string) =>
    server.inject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers,
      payload: { model: 'far', messages: [{ role: 'user', content }] },
    })
  const known = { authorization: `Bearer ${secret}` }
  expect((await ask(known, 'hello')).statusCode).toBe(200)
  await ask(known, 'attack 4111')
  expect((await ask({ authorization: 'Bearer nobody' }, 'hello')).statusCode).toBe(401)
  // Native engines report startup metrics.
  const sample = {
    state: 'ready',
    running: 0,
    waiting: 0,
    maxBatchSize: 1,
    maxQueue: 1,
    kvCacheUsage: 0,
    restarts: 0,
  }
  engineTelemetry.watchEngine('native', () => ({ ...sample, start: { millis: 2, phases: { model: 1 } } }))
  telemetry.configReloaded('refused')
  telemetry.connectionDropped()
  const answers = await Promise.all([server.inject('/metrics'), engine.inject('/metrics')])
  return answers.flatMap(({ payload }) => exportedMetrics(payload))
}

/** A private run in fp16 that was evaluated, saved and set back. */
async function exportedByRun(): Promise<readonly KnownMetric[]> {
  const texts: string[] = []
  const listener = metricsListener({
    run: { name: 'tune', worldSize: 1, restarts: 0, epsilonBudget: 8 },
    peakFlops: 1e12,
    publish: ({ text }) => void texts.push(text),
  })
  const at = { step: 4, totalSteps: 9 }
  const seen = { epoch: 0.1, loss: 3, learningRate: 0.01, gradientNorm: 2, expertImbalance: 1 }
  const spent = { tokens: 50, seconds: 0.5, memoryBytes: 1e6, memory: { peakBytes: 1e6 } }
  const events = [
    {
      type: 'started',
      name: 'tune',
      parameters: 9,
      activatedParameters: 9,
      interventions: 0,
      unit: 'tokens',
      flopsPerToken: 6,
      ...at,
    },
    { type: 'step', layerNorms: new Map(), ...at, ...seen, ...spent },
    { type: 'step', layerNorms: new Map(), lossScale: 512, skipped: true, ...at, ...seen, ...spent },
    { type: 'evaluated', step: 4, loss: 3, seconds: 2, epsilon: 1.5, measures: { accuracy: 0.5 } },
    { type: 'checkpoint', step: 4, path: 'x', seconds: 0.5 },
    {
      type: 'decision',
      step: 4,
      number: 1,
      rateFactor: 0.5,
      failedStep: 6,
      layer: 'layers.0',
      batch: 'windows 1',
      message: 'back',
    },
  ] as unknown as readonly TrainEvent[]
  for (const event of events) await listener(event, { stop: () => {}, save: () => {}, warn: () => {} })
  return exportedMetrics(texts.at(-1) ?? '')
}

it('every name and label in rules and dashboards is exported', async () => {
  const ours = [...(await exportedByServers()), ...(await exportedByRun())]
  expect(ours.some(({ name }) => name === 'hadal_guard_failures_total')).toBe(true)
  for (const deployment of [laptop, gpuNode, vllm8gpu]) {
    const groups = rulesOf(deployment)
    const expressions = [
      ...groups.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
      ...dashboardQueries(deployment),
    ]
    const others = pinnedMetrics.filter(({ from }) => from !== 'vLLM').flatMap(({ metrics }) => metrics)
    const known = [...ours, ...others, ...scrapeMetrics, ...recordedMetrics(groups)]
    expect(checkMetricNames(expressions, known)).toEqual([])
  }
})

it('vLLM exports every metric that the rules query', () => {
  const [vllm] = pinnedMetrics.filter(({ from }) => from === 'vLLM').map(({ metrics }) => metrics)
  const requested = rulesOf(vllm8gpu).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))
  const missing = checkMetricNames(requested, vllm ?? []).filter(({ name }) => name.startsWith('vllm:'))
  expect(missing).toEqual([])
})
