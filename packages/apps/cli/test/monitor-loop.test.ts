/**
 * End-to-end alerting with real programs and unmodified rules: backfilled history in Prometheus, a live exporter, and a webhook that
 * receives firing and resolved alerts.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployment, localDeployment, localStack, rulesOf } from '@hadal/fleet'
import { RunningStack, StateFolder, suppressedAlerts } from '@hadal/monitoring'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../kernel/base/test/free-port.ts'
import { laptop } from '../../../operations/fleet/test/deployments.ts'
import { programPath, whyNoPrograms } from '../../../operations/fleet/test/programs.ts'
import { Exporter, type Sample } from './monitoring/exporter.ts'
import { type Past, writeHistory } from './monitoring/history.ts'
import { Webhook } from './monitoring/webhook.ts'
import { recordingTerminal } from './recording-terminal.ts'

const whyNot = whyNoPrograms('prometheus', 'alertmanager', 'promtool')

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'hadal-loop-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

/** Intervals that users have, too, short. */
const quick: Partial<Deployment['monitor']> = {
  scrapeIntervalMillis: 1000,
  evaluationIntervalMillis: 500,
  groupWaitMillis: 500,
  groupIntervalMillis: 1000,
  repeatPageMillis: 60_000,
  repeatTicketMillis: 60_000,
}

async function startStack(deployment: Deployment, exporter: Exporter, past: readonly Past[]) {
  const place = {
    folder: path,
    targets: [
      { job: deployment.name, url: `http://${exporter.host}/metrics` },
      { job: 'dcgm', url: `http://${exporter.host}/gpu/metrics` },
    ],
    hasGpus: true,
    prometheus: `127.0.0.1:${await freePort()}`,
    alertmanager: `127.0.0.1:${await freePort()}`,
    retentionMillis: 86_400_000,
  }
  const folder = new StateFolder(path)
  const stack = localStack(deployment, place)
  folder.write(stack.files)
  if (past.length > 0) {
    mkdirSync(join(path, 'prometheus'))
    writeHistory(join(path, 'prometheus'), past)
  }
  const prometheusArguments = [
    ...stack.prometheusArguments,
    // Prometheus discovers Alertmanager only after five seconds, and resends after a minute.
    '--rules.alert.resend-delay=1s',
  ]
  const plan = {
    stack: { ...stack, prometheusArguments },
    folder,
    programs: { prometheus: programPath('prometheus'), alertmanager: programPath('alertmanager') },
    prometheusUrl: `http://${place.prometheus}`,
    alertmanagerUrl: `http://${place.alertmanager}`,
    onNews: () => {},
  }
  const terminal = recordingTerminal({ env: { PATH: process.env.PATH } })
  return { plan, running: await RunningStack.start(plan, terminal, new AbortController().signal) }
}

const labelled = (samples: readonly Sample[], labels: Record<string, string>): readonly Sample[] =>
  samples.map((sample) => ({ ...sample, labels: { ...sample.labels, ...labels } }))

/** Prometheus data of an alert that has been pending for an hour. */
function pendingSince(deployment: Deployment, alertname: string, labels: Record<string, string>): Past {
  const { groups } = rulesOf(localDeployment(deployment, { folder: path, hasGpus: true }))
  const rule = groups
    .flatMap(({ rules }) => rules)
    .find((each) => 'alert' in each && each.alert === alertname)
  const all = { alertname, ...rule!.labels, ...labels }
  const since = Math.round(Date.now() / 1000) - 3600
  return {
    fromSeconds: 120,
    everySeconds: 15,
    samplesAt: () => [{ name: 'ALERTS_FOR_STATE', labels: all, value: since }],
  }
}

describe.skipIf(whyNot !== undefined)(`the way of an alert ${whyNot ?? ''}`, () => {
  it('latency, backlog and idle-GPU alerts fire and resolve, notified by webhook despite a silent receiver', async () => {
    await using exporter = await Exporter.start()
    await using webhook = await Webhook.start()
    await using silent = await Webhook.start(true)
    const receivers = [
      { name: 'silent', webhook: silent.url },
      { name: 'hook', webhook: webhook.url },
    ]
    const deployment: Deployment = { ...laptop, monitor: { ...laptop.monitor, ...quick, receivers } }
    exporter.waiting = 25
    exporter.gpuPercent = 5
    exporter.slow = 100_000
    const target = { job: deployment.name, instance: exporter.host }
    const hour: Past = {
      fromSeconds: 4000,
      everySeconds: 15,
      samplesAt: (ago) => {
        exporter.slow = 100_000 - Math.floor(ago) * 10
        return labelled(exporter.serverSamples(), target)
      },
    }
    const gpu: Past = {
      fromSeconds: 400,
      everySeconds: 1,
      samplesAt: () => labelled(exporter.gpuSamples(), { job: 'dcgm', instance: exporter.host }),
    }
    const pending = ['HadalBacklogHigh', 'HadalLatencyHigh'].map((name) =>
      pendingSince(deployment, name, { model_name: 'nano' }),
    )
    const { running, plan } = await startStack(deployment, exporter, [hour, gpu, ...pending])
    await using _ = running
    const watched = ['HadalLatencyBudgetBurn', 'HadalBacklogHigh', 'HadalGpuIdle']
    await webhook.wasReported('firing', ...watched)

    // A latency page inhibits its tickets.
    while ((await suppressedAlerts(plan.alertmanagerUrl)) === 0) await sleep(50)

    exporter.waiting = 0
    exporter.gpuPercent = 95
    exporter.fast += 1e9
    await webhook.wasReported('resolved', ...watched)
    await expect.poll(() => silent.reported.length).toBeGreaterThan(0)
  })

  it('an engine that is down silences what follows from it, of its service and model alone', async () => {
    await using exporter = await Exporter.start()
    await using webhook = await Webhook.start()
    const receivers = [{ name: 'hook', webhook: webhook.url }]
    const deployment: Deployment = { ...laptop, monitor: { ...laptop.monitor, ...quick, receivers } }
    const { running, plan } = await startStack(deployment, exporter, [])
    await using _ = running
    const alert = (alertname: string, labels: Record<string, string>) => ({
      labels: { alertname, severity: 'page', service: 'hadal', ...labels },
    })
    const alerts = [
      alert('GatewayDown', { slo: 'engine' }),
      alert('LatencyHigh', { slo: 'latency', model_name: 'a' }),
      alert('LatencyElsewhere', { slo: 'latency', model_name: 'a', service: 'other' }),
      alert('EngineDown', { slo: 'engine', model_name: 'b', service: 'third' }),
      alert('BacklogOfB', { slo: 'backlog', model_name: 'b', service: 'third' }),
      alert('BacklogOfC', { slo: 'backlog', model_name: 'c', service: 'third' }),
      alert('GpuPage', { slo: 'gpu', service: 'fourth' }),
      alert('GpuTicket', { slo: 'gpu', service: 'fourth', severity: 'ticket' }),
      alert('GuardTicket', { slo: 'guard', service: 'fourth', severity: 'ticket' }),
    ]
    const posted = await fetch(`${plan.alertmanagerUrl}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    })
    expect(posted.status).toBe(200)
    const loud = ['GatewayDown', 'LatencyElsewhere', 'EngineDown', 'BacklogOfC', 'GpuPage', 'GuardTicket']
    await webhook.wasReported('firing', ...loud)
    const reported = new Set(webhook.reported.map(({ labels }) => labels.alertname))
    expect([...reported].sort()).toEqual([...loud].sort())
    expect(await suppressedAlerts(plan.alertmanagerUrl)).toBe(3)
  })
})
