/** Alerts of a service with a Prometheus over HTTP, and without one. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertRule } from '@hadal/fleet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../../cli/test/recording-terminal.ts'
import { alertStates } from './alert-states.ts'
import { askRules, type PrometheusRule } from './ask-rules.ts'
import { readAlerts } from './read-alerts.ts'
import { runbookOf } from './runbook-of.ts'

let folder: string
let server: Server
let answer: (path: string) => string
let requested: { path: string; authorization: string | undefined }[]
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-alerts-'))
  requested = []
  server = createServer(({ url = '', headers }, response) => {
    requested.push({ path: url, authorization: headers.authorization })
    response.end(answer(url))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true, force: true })
})

function look(prometheusUrl?: string) {
  writeFileSync(
    join(folder, 'hadal.config.json'),
    JSON.stringify({ model: 'nano', ...(prometheusUrl !== undefined && { deploy: { prometheusUrl } }) }),
  )
  return readAlerts({}, recordingTerminal({ folder, env: { HOME: folder } }))
}

const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`

const firing = (service: string) => ({
  name: 'HadalGatewayDown',
  duration: 120,
  labels: { severity: 'page', service, slo: 'engine' },
  health: 'ok',
  lastError: '',
  alerts: [
    {
      labels: { alertname: 'HadalGatewayDown', service },
      annotations: { summary: 'No gateway answers', description: 'x' },
      state: 'firing',
      activeAt: '2026-11-29T10:00:00Z',
      value: '1e+00',
    },
  ],
})

const success = (data: object): string => JSON.stringify({ status: 'success', data })

describe('alerts', () => {
  it('are rules alone where nothing watches', async () => {
    const { prometheus, rules, silence } = await look()
    expect(prometheus).toEqual({ source: 'none', answers: false })
    expect(rules.map(({ alert }) => alert)).toContain('HadalGatewayDown')
    expect(rules.every(({ state }) => state === 'unknown')).toBe(true)
    expect(silence.join()).toContain('monitor.receivers')
  })

  it('have the state that Prometheus says, those of other services left out', async () => {
    const labels = { job: 'hadal' }
    answer = (path) =>
      path.includes('/rules')
        ? success({ groups: [{ rules: [firing('other'), firing('hadal')] }] })
        : success({
            activeTargets: [{ labels, scrapeUrl: 'http://a:1/metrics', health: 'down', lastError: 'no' }],
          })
    const password = ['s', '3cret'].join('')
    const { prometheus, rules, targets } = await look(`http://ada:${password}@${address()}/prom`)
    expect(prometheus).toMatchObject({ source: 'config', answers: true })
    expect(JSON.stringify(prometheus)).not.toContain(password)
    expect(requested[0]).toMatchObject({
      path: expect.stringMatching(/^\/prom\/api\/v1\//),
      authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`,
    })
    expect(rules.find(({ alert }) => alert === 'HadalGatewayDown')).toMatchObject({
      state: 'firing',
      instances: [{ summary: 'No gateway answers', since: Date.parse('2026-11-29T10:00:00Z') }],
      hasRunbook: true,
    })
    expect(rules.find(({ alert }) => alert === 'HadalLatencyHigh')?.state).toBe('notLoaded')
    expect(targets).toEqual([{ job: 'hadal', url: 'http://a:1/metrics', health: 'down', error: 'no' }])
  })

  it('are not known where nothing listens', async () => {
    const url = `http://${address()}`
    await new Promise((done) => server.close(done))
    const { prometheus, rules } = await look(url)
    expect(prometheus).toMatchObject({ answers: false, problem: 'connection refused' })
    expect(rules.every(({ state }) => state === 'unknown')).toBe(true)
  })
})

it.each(['<html>', JSON.stringify({ status: 'error' }), success({ groups: 7 })])(
  'rejects a response that is not from Prometheus: %s',
  async (text) => {
    answer = () => text
    expect(await askRules(`http://${address()}`)).toEqual({ problem: 'the response is not from Prometheus' })
  },
)

it('distinguishes rules with the same name, and failed rules from inactive ones', () => {
  const rule = (severity: 'page' | 'ticket', forTime?: string): AlertRule => ({
    alert: 'Burn',
    expr: 'x',
    ...(forTime !== undefined && { for: forTime }),
    labels: { severity, service: 'hadal', slo: 'latency' },
    annotations: { summary: 's', description: 'd', runbook_url: 'r' },
  })
  const seen = (severity: string, duration: number, health = 'ok'): PrometheusRule => ({
    name: 'Burn',
    duration,
    labels: { severity, service: 'hadal', slo: 'latency', namespace: 'a' },
    health,
    lastError: health === 'ok' ? '' : 'many-to-many matching',
    alerts: [],
  })
  const states = alertStates(
    [rule('page'), rule('ticket', '1h30m'), rule('ticket', '5m')],
    [seen('ticket', 5400, 'err'), seen('page', 0)],
    () => false,
  )
  expect(states.map(({ state, problem }) => [state, problem])).toEqual([
    ['inactive', undefined],
    ['unknown', 'many-to-many matching'],
    ['notLoaded', undefined],
  ])
})

it('has the runbook of an alert, and of no other', () => {
  expect(runbookOf('HadalGatewayDown')?.look[0]).toMatchObject({ language: 'sh' })
  expect(runbookOf('Mine')).toBeUndefined()
})
