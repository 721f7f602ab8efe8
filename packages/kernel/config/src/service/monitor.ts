/** Monitoring settings, rendered by `hadal monitor`. */

import { z } from 'zod'
import { type Kind, millis, optional, text } from '../kinds.ts'
import { asJson, defaultsOf, type PartsTable, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'
import { type ReceiverEntry, readReceivers, readSmtp, type SmtpEntry } from './receivers.ts'

/**
 * Alert receivers, the severities each one gets, and the intervals for scraping, evaluation and notification.
 *
 * @example
 * ```ts
 * import { resolveSettings, serviceSettings, type Monitor } from '@hadal/config'
 *
 * const values = { monitor: { receivers: [{ name: 'on-call', webhook: 'https://hooks.example.org/alerts', severity: 'page' }] } }
 * const monitor: Monitor = resolveSettings(serviceSettings, { file: { path: 'hadal.config.json', values } }).values.monitor
 * monitor.receivers[0]!.name // → 'on-call'
 * ```
 */
export interface Monitor {
  readonly receivers: readonly ReceiverEntry[]
  /** SMTP server for email: `{ host: "smtp.example.com:587", from, username, passwordFile }`. */
  readonly smtp?: SmtpEntry | undefined
  readonly runbookUrl: string
  readonly scrapeIntervalMillis: number
  readonly evaluationIntervalMillis?: number | undefined
  readonly groupWaitMillis?: number | undefined
  readonly groupIntervalMillis?: number | undefined
  readonly repeatPageMillis?: number | undefined
  readonly repeatTicketMillis?: number | undefined
  readonly gpuPodLabel: string
}

export interface MonitorSettings {
  /** Monitoring and alert notification settings, used by `hadal monitor`. */
  readonly monitor: Monitor
}

const receivers: Kind<readonly ReceiverEntry[]> = {
  schema: z.unknown().transform((given, context) => {
    const { values, issues } = readReceivers(given)
    for (const issue of issues) context.addIssue({ code: 'custom', message: issue })
    return values
  }),
  expected: 'a list of receivers, as docs/monitor.md describes them',
  read: asJson,
  issues: (given) => readReceivers(given).issues,
}

const smtp: Kind<SmtpEntry> = {
  schema: z.unknown().transform((given, context) => {
    const { value, issues } = readSmtp(given)
    for (const issue of issues) context.addIssue({ code: 'custom', message: issue })
    return value
  }),
  expected: 'an object { host, from, username?, passwordFile?, requireTls? }',
  read: asJson,
  issues: (given) => readSmtp(given).issues,
}

export const monitorParts: PartsTable<Monitor> = {
  receivers: {
    kind: receivers,
    default: [],
    doc: 'Alert receivers, each with a `name` and a webhook, a Slack channel, an email address or PagerDuty.',
  },
  smtp: {
    kind: optional(smtp),
    default: undefined,
    doc: 'SMTP server for email: `{ host: "smtp.example.com:587", from, username, passwordFile }`.',
  },
  runbookUrl: {
    kind: text,
    default: 'runbooks',
    doc: 'Base URL of the runbooks; alerts link to `URL/NAME.md`.',
  },
  scrapeIntervalMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'Scrape interval.',
  },
  evaluationIntervalMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'Rule evaluation interval.',
  },
  groupWaitMillis: {
    kind: millis,
    default: 30_000,
    defaultDoc: '30s',
    doc: 'How long the first alert of a group waits for others (`group_wait`).',
  },
  groupIntervalMillis: {
    kind: millis,
    default: 300_000,
    defaultDoc: '5m',
    doc: 'How long until changes of a group are notified (`group_interval`).',
  },
  repeatPageMillis: {
    kind: millis,
    default: 3_600_000,
    defaultDoc: '1h',
    doc: 'How often a firing page alert is repeated (`repeat_interval`).',
  },
  repeatTicketMillis: {
    kind: millis,
    default: 86_400_000,
    defaultDoc: '1d',
    doc: 'How often any other firing alert is repeated.',
  },
  gpuPodLabel: {
    kind: text,
    default: 'exported_pod',
    doc: 'Pod label in the metrics of the DCGM exporter: `exported_pod`, or `pod` when scraped with `honorLabels`.',
  },
}

/** Errors between parts. */
function monitorIssues(monitor: Monitor): string[] {
  const issues: string[] = []
  for (const { name, email } of monitor.receivers)
    if (email !== undefined && monitor.smtp === undefined)
      issues.push(`monitor: the receiver ${name} uses email, but monitor.smtp is not set`)
  for (const part of ['scrapeIntervalMillis', 'evaluationIntervalMillis', 'groupIntervalMillis'] as const)
    if ((monitor[part] ?? 1000) < 100) issues.push(`monitor.${part} must be at least 100 ms`)
  for (const part of ['repeatPageMillis', 'repeatTicketMillis'] as const)
    if ((monitor[part] ?? 0) < (monitor.groupIntervalMillis ?? 0))
      issues.push(
        `monitor.${part} must be at least groupIntervalMillis, the shortest time between notifications`,
      )
  return issues
}

export const monitorSettings: SettingsTable<MonitorSettings> = {
  monitor: setting({
    kind: partsKind(monitorParts, 'monitor', monitorIssues),
    default: defaultsOf(monitorParts),
    defaultDoc: 'as below',
    doc: 'Monitoring and alert notification settings, used by `hadal monitor`.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_MONITOR',
    reload: 'live',
    within: partsOf(monitorParts),
  }),
}
