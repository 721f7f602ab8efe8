/** Who watches the service and who is told: what `hadal monitor` renders. */

import { z } from 'zod'
import { type Kind, millis, oneOf, text } from '../kinds.ts'
import { type NestedKinds, readNested } from '../nested.ts'
import { defaultsOf, type PartsTable, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'

/** Somebody who is told of alerts. Passwords and addresses that are secret stand in files that Alertmanager reads. */
export interface ReceiverEntry {
  readonly name: string
  /** A URL that gets Alertmanager's JSON; or the file that holds it. */
  readonly webhook?: string
  readonly webhookFile?: string
  /** A channel, and the file with the URL of its webhook. */
  readonly slackChannel?: string
  readonly slackUrlFile?: string
  readonly email?: string
  readonly pagerdutyKeyFile?: string
  /** Which alerts it gets: `page` wakes somebody up, `ticket` waits for the day; all where nothing is said. */
  readonly severity?: 'page' | 'ticket'
}

export interface Monitor {
  readonly receivers: readonly ReceiverEntry[]
  readonly runbookUrl: string
  readonly scrapeIntervalMillis: number
  readonly gpuPodLabel: string
}

export interface MonitorSettings {
  /** Who watches the service and who is told: what `hadal monitor` makes of it. */
  readonly monitor: Monitor
}

const receiverKinds: NestedKinds = {
  name: text,
  webhook: text,
  webhookFile: text,
  slackChannel: text,
  slackUrlFile: text,
  email: text,
  pagerdutyKeyFile: text,
  severity: oneOf('page', 'ticket'),
}

function readReceivers(given: unknown): { values: readonly ReceiverEntry[]; faults: readonly string[] } {
  if (!Array.isArray(given)) return { values: [], faults: ['monitor.receivers is no list'] }
  const read = given.map((each, at) => readNested(each, receiverKinds, `monitor.receivers[${at}]`, ['name']))
  return {
    values: read.map(({ values }) => values as unknown as ReceiverEntry),
    faults: read.flatMap(({ faults }) => faults),
  }
}

const receivers: Kind<readonly ReceiverEntry[]> = {
  schema: z.unknown().transform((given, context) => {
    const { values, faults } = readReceivers(given)
    for (const fault of faults) context.addIssue({ code: 'custom', message: fault })
    return values
  }),
  expected: 'a list of receivers, as docs/monitor.md describes them',
  read: (given) => given,
}

export const monitorParts: PartsTable<Monitor> = {
  receivers: {
    kind: receivers,
    default: [],
    doc: 'Who is told of alerts.',
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
  gpuPodLabel: {
    kind: text,
    default: 'exported_pod',
    doc: 'Label with the name of the pod in metrics of the DCGM exporter: `exported_pod`, or `pod` where it is scraped with `honorLabels`.',
  },
}

export const monitorSettings: SettingsTable<MonitorSettings> = {
  monitor: setting({
    kind: partsKind(monitorParts, 'monitor'),
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
