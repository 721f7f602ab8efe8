/** Service level objectives: the basis of alerts, dashboards and scaling. */

import { millis, number, optional, wholeNumber } from '../kinds.ts'
import { defaultsOf, type PartsTable, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'

/**
 * What a service promises.
 *
 * @example
 * ```ts
 * import { resolveSettings, serviceSettings, type Slo } from '@hadal/config'
 *
 * const values = { slo: { ttftMillis: 800, latencyMillis: 5_000 } }
 * const slo: Slo = resolveSettings(serviceSettings, { file: { path: 'hadal.config.json', values } }).values.slo
 * slo.ttftMillis // → 800
 * ```
 */
export interface Slo {
  /** Share of requests without service failures, over the window. */
  readonly availability: number
  readonly latencyMillis: number
  /** Share of requests that complete within `latencyMillis`; 0.99 means the P99. */
  readonly latencyShare: number
  readonly ttftMillis: number | undefined
  /** Maximum number of queued requests per model. */
  readonly maxBacklog: number
  readonly windowDays: number
}

export interface SloSettings {
  /** Service-level objectives: availability, latency and queue length. `hadal monitor` derives alerts from them, `hadal deploy` scaling. */
  readonly slo: Slo
}

export const sloParts: PartsTable<Slo> = {
  availability: {
    kind: number(0.5, 0.999_99),
    default: 0.999,
    doc: 'Share of requests without service failures, over the window.',
  },
  latencyMillis: {
    kind: millis,
    default: 500,
    defaultDoc: '500ms',
    doc: 'Maximum time to the last token, for `latencyShare` of all requests.',
  },
  latencyShare: {
    kind: number(0.5, 0.999_99),
    default: 0.99,
    doc: 'Share of requests that complete within `latencyMillis`; 0.99 means the P99.',
  },
  ttftMillis: {
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'as `sloTtftMillis`',
    doc: 'Maximum time to first token, for `latencyShare` of all requests.',
  },
  maxBacklog: {
    kind: wholeNumber(1, 1_000_000),
    default: 10,
    doc: 'Maximum number of queued requests per model.',
  },
  windowDays: {
    kind: wholeNumber(1, 90),
    default: 30,
    doc: 'SLO window in days; burn-rate alerts are derived from it.',
  },
}

/** Errors between parts. */
function sloIssues({ ttftMillis, latencyMillis }: Slo): string[] {
  if (ttftMillis === undefined || ttftMillis <= latencyMillis) return []
  return [`slo: ttftMillis (${ttftMillis}) must not exceed latencyMillis (${latencyMillis})`]
}

export const sloSettings: SettingsTable<SloSettings> = {
  slo: setting({
    kind: partsKind(sloParts, 'slo', sloIssues),
    default: defaultsOf(sloParts),
    defaultDoc: 'as below',
    doc: 'Service-level objectives: availability, latency and queue length. `hadal monitor` derives alerts from them, `hadal deploy` scaling.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_SLO',
    reload: 'live',
    within: partsOf(sloParts),
  }),
}
