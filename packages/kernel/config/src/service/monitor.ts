/** Monitoring settings, rendered by `hadal monitor`. */

import { z } from 'zod'
import { type Kind, millis, optional, text } from '../kinds.ts'
import { asJson, defaultsOf, type PartsTable, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'
import { type ReceiverEntry, readReceivers, readSmtp, type SmtpEntry } from './receivers.ts'

/**
 * Who is told of what, and how often it is looked.
 *
 * @example
 * ```ts
 * import { resolveSettings, serviceSettings, type Monitor } from '@hadal/config'
 *
 * const values = { monitor: { receivers: [{ name: 'on-call', webhook: 'https://hooks.example.org/alerts', severity: 'page' }] } }
 * const monitor: Monitor = resolveSettings(serviceSettings, { file: { path: 'hadal.config.json', values } }).values.monitor
 * monitor.receivers[0].name // → 'on-call'
 * ```
 */
export interface Monitor {
  readonly receivers: readonly ReceiverEntry[]
  /** What e-mail of alerts goes through. */
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
  /** Who watches the service and who is told: what `hadal monitor` makes of it. */
  readonly monitor: Monitor
}

const receivers: Kind<readonly ReceiverEntry[]> = {
  schema: z.unknown().transform((given, context) => {
    const { values, faults } = readReceivers(given)
    for (const fault of faults) context.addIssue({ code: 'custom', message: fault })
    return values
  }),
  expected: 'a list of receivers, as docs/monitor.md describes them',
  read: asJson,
  faults: (given) => readReceivers(given).faults,
}

const smtp: Kind<SmtpEntry> = {
  schema: z.unknown().transform((given, context) => {
    const { value, faults } = readSmtp(given)
    for (const fault of faults) context.addIssue({ code: 'custom', message: fault })
    return value
  }),
  expected: 'an object { host, from, username?, passwordFile?, requireTls? }',
  read: asJson,
  faults: (given) => readSmtp(given).faults,
}

export const monitorParts: PartsTable<Monitor> = {
  receivers: {
    kind: receivers,
    default: [],
    doc: 'Who is told of alerts: each with a `name`, and a webhook, a Slack channel, an address of e-mail or PagerDuty.',
  },
  smtp: {
    kind: optional(smtp),
    default: undefined,
    doc: 'The server that e-mail goes through: `{ host: "smtp.example.com:587", from, username, passwordFile }`.',
  },
  runbookUrl: {
    kind: text,
    default: 'runbooks',
    doc: 'Where the runbook pages are: alerts link to `URL/NAME.md`.',
  },
  scrapeIntervalMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'How often Prometheus reads the metrics.',
  },
  evaluationIntervalMillis: {
    kind: millis,
    default: 15_000,
    defaultDoc: '15s',
    doc: 'How often Prometheus evaluates the rules.',
  },
  groupWaitMillis: {
    kind: millis,
    default: 30_000,
    defaultDoc: '30s',
    doc: 'How long the first alert of a service and model waits for others of its name, to be told together.',
  },
  groupIntervalMillis: {
    kind: millis,
    default: 300_000,
    defaultDoc: '5m',
    doc: 'How long until it is told that more of them fire, or that some are over.',
  },
  repeatPageMillis: {
    kind: millis,
    default: 3_600_000,
    defaultDoc: '1h',
    doc: 'How long until an alert that wakes somebody up is told again while it fires.',
  },
  repeatTicketMillis: {
    kind: millis,
    default: 86_400_000,
    defaultDoc: '1d',
    doc: 'How long until any other alert is told again while it fires.',
  },
  gpuPodLabel: {
    kind: text,
    default: 'exported_pod',
    doc: 'Label with the name of the pod in metrics of the DCGM exporter: `exported_pod`, or `pod` where it is scraped with `honorLabels`.',
  },
}

/** Errors between parts. */
function monitorFaults(monitor: Monitor): string[] {
  const faults: string[] = []
  for (const { name, email } of monitor.receivers)
    if (email !== undefined && monitor.smtp === undefined)
      faults.push(`monitor: the receiver ${name} gets e-mail, and monitor.smtp does not say through what`)
  for (const part of ['scrapeIntervalMillis', 'evaluationIntervalMillis', 'groupIntervalMillis'] as const)
    if ((monitor[part] ?? 1000) < 100) faults.push(`monitor.${part}: less than 100 ms`)
  for (const part of ['repeatPageMillis', 'repeatTicketMillis'] as const)
    if ((monitor[part] ?? 0) < (monitor.groupIntervalMillis ?? 0))
      faults.push(`monitor.${part}: less than groupIntervalMillis, before which nothing is told again`)
  return faults
}

export const monitorSettings: SettingsTable<MonitorSettings> = {
  monitor: setting({
    kind: partsKind(monitorParts, 'monitor', monitorFaults),
    default: defaultsOf(monitorParts),
    defaultDoc: 'as below',
    doc: 'Who watches the service and who is told: what `hadal monitor` makes of it.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_MONITOR',
    reload: 'live',
    within: partsOf(monitorParts),
  }),
}
