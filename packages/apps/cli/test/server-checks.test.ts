/** Doctor checks of live servers: one with an engine, and a gateway with a sleeping model. */

import { type Report, runChecks, serverChecks, serverSources } from '@hadal/doctor'
import { createFakeEngine } from '@hadal/engine'
import { askServer, takeCapture } from '@hadal/probes'
import { createServer, type HadalServer } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import { createUpstream } from '@hadal/upstream'
import { expect, it, onTestFinished } from 'vitest'

async function listening(server: HadalServer): Promise<string> {
  onTestFinished(() => server.close())
  return (await server.listen({ host: '127.0.0.1', port: 0 })).url
}

/** The address of a stopped server. */
async function nobody(): Promise<string> {
  const server = createServer({ engines: [createFakeEngine({})] })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  await server.close()
  return url
}

async function examine(url: string): Promise<Report> {
  const slo = { latencyMillis: 60_000, latencyShare: 0.99, maxBacklog: 10 }
  const capture = await takeCapture(serverSources, {
    env: {},
    probes: { 'service-slo': async () => slo },
    server: (path, limitMillis, signal) =>
      askServer(path, limitMillis, { base: new URL(url), key: undefined, ca: undefined, signal }),
    laterMillis: 5,
  })
  return runChecks(serverChecks, capture)
}
const said = ({ findings }: Report, id: string): string[] =>
  findings.flatMap((finding) => (finding.id === id ? [`${finding.severity}: ${finding.says}`] : []))

it('a server that answers is well, and every figure of it that is judged is there', async () => {
  const engine = createFakeEngine({ reply: 'one two three four', model: { id: 'far' } })
  const url = await listening(createServer({ engines: [engine], telemetry: createTelemetry() }))
  for (let count = 0; count < 25; count += 1) {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'far', messages: [{ role: 'user', content: `Hello ${count}` }] }),
    })
    expect(answer.status).toBe(200)
    await answer.text()
  }
  const report = await examine(url)
  const { findings } = report
  expect(findings.filter(({ severity }) => ['error', 'warning', 'unknown'].includes(severity))).toEqual([])
  for (const id of [
    'answers',
    'ready',
    'models',
    'metrics',
    'queue',
    'engine',
    'kv-cache',
    'errors',
    'refusals',
  ])
    expect(said(report, `server-${id}`), id).toEqual([expect.stringMatching(/^ok: /)])
  expect(said(report, 'server-latency')).toEqual([
    expect.stringMatching(/^ok: far: request latency: P99 .*\(25 requests/),
  ])
  expect(said(report, 'server-first-token')).toEqual([
    expect.stringMatching(/^ok: far: time to first token: P99 /),
  ])
  expect(said(report, 'server-errors')).toEqual(['ok: 0.0 % of 25 requests failed (5xx)'])
})

it('a gateway whose model sleeps is well, and its model is not ill', async () => {
  const upstream = createUpstream({
    id: 'far',
    replicas: [await nobody()],
    holdMillis: 60_000,
    wakeMillis: 45_000,
  })
  onTestFinished(() => upstream[Symbol.asyncDispose]())
  await expect.poll(() => upstream.snapshot().replicas[0]!.health).toBe('down')
  const source = { kind: 'upstream', id: 'far', upstream } as const
  const url = await listening(createServer({ models: [source], telemetry: createTelemetry() }))
  const report = await examine(url)
  expect(
    report.findings.filter(({ severity }) => ['error', 'warning', 'unknown'].includes(severity)),
  ).toEqual([])
  expect(said(report, 'server-models')).toEqual([
    'note: far is scaled to zero, and would start in about 45 s',
  ])
  expect(said(report, 'server-replicas')).toEqual([
    expect.stringMatching(/^note: far: is scaled to zero until the next request/),
  ])
})

it('one that is not there is an error, and nothing of it is well', async () => {
  const report = await examine(await nobody())
  expect(report.worst).toBe('error')
  expect(report.findings.filter(({ severity }) => severity === 'ok')).toEqual([])
})
