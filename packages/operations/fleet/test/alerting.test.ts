/** Alertmanager's and Prometheus' own checks of what is rendered for them, over the golden services and drawn receivers. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Monitor, ReceiverEntry } from '@hadal/config'
import { alertmanagerConfig, prometheusConfig, silenceOf } from '@hadal/fleet'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'
import { runProgram, whyNoPrograms } from './programs.ts'

const services = { laptop, gpuNode, vllm8gpu }
const smtp = {
  host: 'smtp.example.com:587',
  from: 'alerts@example.com',
  username: 'alerts',
  passwordFile: '/etc/alertmanager/secrets/smtp/password',
}
const channels: Omit<ReceiverEntry, 'name' | 'severity'>[] = [
  { webhook: 'https://hooks.example/alerts' },
  { webhookFile: '/etc/alertmanager/secrets/hook/url' },
  { slackChannel: '#alerts', slackUrlFile: '/etc/alertmanager/secrets/slack/url' },
  { email: 'on-call@example.com' },
  { pagerdutyKeyFile: '/etc/alertmanager/secrets/pagerduty/key' },
]
const drawnReceivers: fc.Arbitrary<ReceiverEntry[]> = fc
  .array(
    fc.record({
      channels: fc.subarray(channels, { minLength: 1 }),
      severity: fc.constantFrom(undefined, 'page' as const, 'ticket' as const),
    }),
    { maxLength: 6 },
  )
  .map((drawn) =>
    drawn.map(({ channels, severity }, at) =>
      Object.assign({ name: `receiver-${at}` }, ...channels, severity && { severity }),
    ),
  )

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-alerting-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rendered = (monitor: Monitor): string => {
  const path = join(folder, 'alertmanager.yml')
  writeFileSync(path, alertmanagerConfig({ name: 'hadal', monitor }))
  return path
}

/** As the config defines it, independent of the renderer: receivers without a severity or with this one. */
const expectedFor = (receivers: readonly ReceiverEntry[], severity: string): string =>
  receivers
    .filter((entry) => !('severity' in entry) || entry.severity === severity)
    .map(({ name }) => name)
    .join(',') || 'nobody'

const whyNoAmtool = whyNoPrograms('amtool')

describe.skipIf(whyNoAmtool !== undefined)(`alertmanager.yml, as amtool sees it ${whyNoAmtool ?? ''}`, () => {
  it.each(Object.entries(services))('of %s is right, and a page reaches who it should', (_, deployment) => {
    const path = rendered(deployment.monitor)
    const check = runProgram('amtool', ['check-config', path])
    expect(check.output).toContain('SUCCESS')
    const routed = runProgram('amtool', [
      'config',
      'routes',
      'test',
      `--config.file=${path}`,
      '--verify.receivers=nobody',
      'severity=page',
    ])
    expect(routed).toEqual({ code: 0, output: expect.stringMatching(/^nobody\n/) })
  })

  it('routes each severity to its receivers, for any set of receivers', () => {
    fc.assert(
      fc.property(drawnReceivers, fc.constantFrom('page', 'ticket', 'info'), (receivers, severity) => {
        const path = rendered({ ...laptop.monitor, receivers, smtp })
        const check = runProgram('amtool', ['check-config', path])
        expect(check.output).toContain('SUCCESS')
        const expected = expectedFor(receivers, severity)
        const routed = runProgram('amtool', [
          'config',
          'routes',
          'test',
          `--config.file=${path}`,
          `--verify.receivers=${expected}`,
          `severity=${severity}`,
          'alertname=HadalLatencyHigh',
        ])
        expect(routed.code).toBe(0)
        expect(routed.output.split('\n')[0]).toBe(expected)
      }),
      { numRuns: 25 },
    )
  })

  it('amtool rejects a broken config: the checks above can fail', () => {
    const path = rendered(laptop.monitor)
    writeFileSync(path, alertmanagerConfig(laptop).replace('receiver: nobody', 'receiver: somebody'))
    expect(runProgram('amtool', ['check-config', path]).code).not.toBe(0)
  })

  it('has titles and texts that Alertmanager can fill in', () => {
    const receivers = [{ name: 'chat', ...channels[2] }]
    const { receivers: read } = parse(
      alertmanagerConfig({ name: 'hadal', monitor: { ...laptop.monitor, receivers } }),
    )
    const [slack] = read[1].slack_configs
    const data = join(folder, 'data.json')
    const labels = { alertname: 'HadalLatencyHigh', severity: 'page', service: 'hadal', model_name: 'nano' }
    const annotations = { summary: 'Slow', description: 'P99 is 0.9 s.', runbook_url: 'runbooks/x.md' }
    const alert = {
      status: 'firing',
      labels,
      annotations,
      startsAt: '2026-01-01T00:00:00Z',
      endsAt: '2026-01-01T01:00:00Z',
    }
    const filled = (status: string, template: string): string => {
      writeFileSync(
        data,
        JSON.stringify({
          status,
          alerts: [{ ...alert, status }],
          commonLabels: labels,
          commonAnnotations: annotations,
        }),
      )
      const said = runProgram('amtool', [
        'template',
        'render',
        `--template.glob=${join(folder, '*.none')}`,
        `--template.text=${template}`,
        `--template.data=${data}`,
      ])
      expect(said.code).toBe(0)
      return said.output.trim()
    }
    expect(filled('firing', slack.title)).toBe('page (1): HadalLatencyHigh hadal nano')
    expect(filled('resolved', slack.title)).toBe('resolved: HadalLatencyHigh hadal nano')
    expect(filled('firing', slack.text)).toBe('Slow\nP99 is 0.9 s.\nRunbook: runbooks/x.md')
  })
})

describe('alertmanager.yml', () => {
  const monitor = {
    ...laptop.monitor,
    receivers: [{ name: 'all', ...Object.assign({}, ...channels.slice(1)) }],
    smtp,
  }

  it('takes every secret from a file', () => {
    const { global, receivers } = parse(alertmanagerConfig({ name: 'hadal', monitor }))
    expect(global).toMatchObject({ smtp_auth_password_file: smtp.passwordFile, smtp_require_tls: true })
    expect(receivers[1]).toMatchObject({
      webhook_configs: [{ url_file: '/etc/alertmanager/secrets/hook/url' }],
      slack_configs: [{ api_url_file: '/etc/alertmanager/secrets/slack/url' }],
      pagerduty_configs: [{ routing_key_file: '/etc/alertmanager/secrets/pagerduty/key' }],
    })
  })

  it('sends resolved notifications for every receiver', () => {
    const { receivers } = parse(alertmanagerConfig({ name: 'hadal', monitor }))
    const { name: _, ...configs } = receivers[1]
    const all = Object.values(configs).flat() as { send_resolved?: boolean }[]
    expect(all).toHaveLength(4)
    expect(all.every((each) => each.send_resolved === true)).toBe(true)
  })

  it('reports which severities have no receiver', () => {
    expect(silenceOf({ receivers: [] })).toEqual([expect.stringContaining('alerts are not sent to anyone')])
    const page = { name: 'a', webhook: 'https://a.example', severity: 'page' as const }
    expect(silenceOf({ receivers: [page] })).toEqual([expect.stringContaining('severity ticket')])
    expect(silenceOf({ receivers: [page, { ...page, name: 'b', severity: 'ticket' }] })).toEqual([])
  })
})

const whyNoPromtool = whyNoPrograms('promtool')

describe.skipIf(whyNoPromtool !== undefined)(
  `prometheus.yml, as promtool sees it ${whyNoPromtool ?? ''}`,
  () => {
    const plan = {
      ruleFiles: [],
      alertmanagers: ['127.0.0.1:9093'],
      scrapeIntervalMillis: 15_000,
      evaluationIntervalMillis: 1500,
    }
    const check = (text: string): { code: number | null; output: string } => {
      const path = join(folder, 'prometheus.yml')
      writeFileSync(path, text)
      return runProgram('promtool', ['check', 'config', path])
    }

    it.each(Object.entries(services))('of the pods of %s is right', (_, deployment) => {
      expect(check(prometheusConfig({ ...plan, scrape: deployment }))).toMatchObject({ code: 0 })
    })

    it('of fixed addresses is right, whatever they and the intervals are', () => {
      writeFileSync(join(folder, 'key'), 'secret')
      fc.assert(
        fc.property(
          fc.array(fc.webUrl({ withQueryParameters: true }), { minLength: 1, maxLength: 4 }),
          fc.integer({ min: 100, max: 3_600_000 }),
          (urls, millis) => {
            const scrape = urls.map((url) => ({ job: 'hadal', url, keyFile: join(folder, 'key') }))
            const said = check(prometheusConfig({ ...plan, scrape, scrapeIntervalMillis: millis }))
            expect(said).toMatchObject({ code: 0 })
          },
        ),
        { numRuns: 15 },
      )
    })

    it('promtool rejects a broken config: the checks above can fail', () => {
      expect(check(prometheusConfig({ ...plan, scrape: [], ruleFiles: ['missing.yaml'] })).code).not.toBe(0)
    })
  },
)
