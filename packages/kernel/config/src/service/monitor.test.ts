import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../parts.ts'
import { resolveSettings } from '../resolve.ts'
import { serviceSettings } from '../service.ts'
import { monitorParts } from './monitor.ts'
import { readReceivers } from './receivers.ts'

const monitorOf = (monitor: unknown) =>
  resolveSettings(serviceSettings, { file: { path: 'hadal.config.ts', values: { monitor } } }).values.monitor

const issuesOf = (monitor: unknown): string => {
  try {
    monitorOf(monitor)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const everyKind = [
  { name: 'ops', webhook: 'https://hooks.example/alerts?team=ops' },
  { name: 'secret-hook', webhookFile: '/etc/alertmanager/secrets/hook/url' },
  {
    name: 'chat',
    slackChannel: '#alerts',
    slackUrlFile: '/etc/alertmanager/secrets/slack/url',
    severity: 'ticket',
  },
  { name: 'mail', email: 'on-call@example.com' },
  { name: 'pager', pagerdutyKeyFile: '/etc/alertmanager/secrets/pagerduty/key', severity: 'page' },
]
const smtp = { host: 'smtp.example.com:587', from: 'alerts@example.com' }

describe('monitor', () => {
  it('takes every kind of receiver, and JSON from the environment', () => {
    expect(monitorOf({ receivers: everyKind, smtp })).toEqual({
      ...defaultsOf(monitorParts),
      receivers: everyKind,
      smtp,
    })
    const env = { HADAL_MONITOR: JSON.stringify({ receivers: everyKind.slice(0, 2) }) }
    expect(resolveSettings(serviceSettings, { env }).values.monitor.receivers).toHaveLength(2)
  })

  it('reports each error with its path', () => {
    const said = issuesOf({
      receivers: [
        { webhook: 'https://a.example' },
        { name: 'b,c', webhook: 'https://a.example' },
        { name: 'd' },
        { name: 'e', slackChannel: '#x' },
        { name: 'f', email: 'nobody at all' },
        { name: 'g', webhookFile: 'relative/url' },
        { name: 'h', webhok: 'https://a.example' },
        { name: 'h', severity: 'loud', webhook: 'https://a.example' },
        { name: 'i', webhook: 'https://a.example' },
        { name: 'i', webhook: 'ftp://a.example', webhookFile: '/url' },
        { name: 'nobody', webhook: 'https://a.example' },
      ],
      smtp: { host: 'smtp.example.com', from: 'a@b.example', username: 'u' },
    })
    for (const issue of [
      'monitor.receivers[0]: name is missing',
      'monitor.receivers[1].name: "b,c" is not at most 63 letters',
      'monitor.receivers[2]: d has no channel',
      'monitor.receivers[3]: slackChannel and slackUrlFile must be set together',
      'monitor.receivers[4].email must be an email address, got "nobody at all"',
      'monitor.receivers[5].webhookFile must be an absolute path',
      'monitor.receivers[6]: unknown field webhok; did you mean webhook?',
      'monitor.receivers[7].severity: "loud" is not one of page, ticket',
      'monitor.receivers[9]: the receiver name i is used twice',
      'monitor.receivers[9].webhook must be an http or https URL',
      'monitor.receivers[9]: webhook and webhookFile are mutually exclusive',
      'monitor.receivers[10].name: nobody is reserved for alerts without a receiver',
      'monitor.smtp.host must be a host with a port',
      'monitor.smtp: username and passwordFile must be set together',
    ])
      expect(said).toContain(issue)
  })

  it('asks for what e-mail goes through', () => {
    expect(issuesOf({ receivers: [{ name: 'mail', email: 'a@b.example' }] })).toContain(
      'the receiver mail uses email, but monitor.smtp is not set',
    )
  })

  it.each([
    'https://user:hunter2@hooks.example/alerts',
    'https://hooks.example/alerts?token=hunter2',
    `https://hooks.${'slack'}.com/services/T0/B0/hunter2`,
    'https://hooks.example/hunter2hunter2hunter2hunter2',
    'hunter2',
  ])('refuses a webhook that holds a key, and does not repeat it: %#', (webhook) => {
    const said = issuesOf({ receivers: [{ name: 'ops', webhook }] })
    expect(said).toMatch(/monitor\.receivers\[0\]\.webhook (seems to contain a key|must be an http)/)
    expect(said).not.toContain('hunter2')
  })

  it('never throws, whatever a list of receivers is, and repeats no URL', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.webUrl({ withQueryParameters: true }), (given, url) => {
        expect(Array.isArray(readReceivers(given).issues)).toBe(true)
        const { issues } = readReceivers([{ name: 'ops', webhook: `${url}#a-secret`, other: given }])
        expect(issues.join('\n')).not.toContain('a-secret')
      }),
    )
  })
})
