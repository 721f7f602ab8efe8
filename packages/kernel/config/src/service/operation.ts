/** Settings of the process. */

import { flag, millis, oneOf, texts } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface OperationSettings {
  /** Serve the web console at `/`, with a playground and admin pages. */
  readonly console: boolean
  /** Serve `GET /slots`, which shows running generations. */
  readonly slots: boolean
  /** Allow clients to load and unload LoRA adapters. Every client can then read any file this process can read. */
  readonly adapterChanges: boolean
  /** Time for running requests to finish after SIGTERM. */
  readonly drainTimeoutMillis: number
  /** Minimum severity of log lines. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Folders searched for training runs to show in the console to administrators. */
  readonly runsDir: readonly string[]
}

export const operationSettings: SettingsTable<OperationSettings> = {
  console: setting({
    kind: flag,
    default: true,
    doc: 'Serve the web console at `/`, with a playground and admin pages.',
    group: 'Operation',
    unit: null,
    flag: '--console <boolean>',
    env: 'HADAL_CONSOLE',
  }),
  slots: setting({
    kind: flag,
    default: true,
    doc: 'Serve `GET /slots`, which shows running generations.',
    group: 'Operation',
    unit: null,
    flag: '--slots <boolean>',
    env: 'HADAL_SLOTS',
    reload: 'live',
  }),
  adapterChanges: setting({
    kind: flag,
    default: false,
    doc: 'Allow clients to load and unload LoRA adapters. Every client can then read any file this process can read.',
    group: 'Operation',
    unit: null,
    flag: '--adapter-changes',
    env: 'HADAL_ADAPTER_CHANGES',
    reload: 'live',
  }),
  drainTimeoutMillis: setting({
    kind: millis,
    default: 30_000,
    defaultDoc: '30s',
    doc: 'Time for running requests to finish after SIGTERM.',
    group: 'Operation',
    unit: 'milliseconds',
    flag: '--drain-timeout <duration>',
    env: 'HADAL_DRAIN_TIMEOUT_MILLIS',
    reload: 'live',
  }),
  logLevel: setting({
    kind: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    doc: 'Minimum severity of log lines.',
    group: 'Operation',
    unit: null,
    flag: '--log-level <level>',
    env: 'HADAL_LOG_LEVEL',
    reload: 'live',
  }),
  runsDir: setting({
    kind: texts,
    default: ['runs'],
    doc: 'Folders searched for training runs to show in the console to administrators.',
    group: 'Operation',
    unit: null,
    flag: '--runs-dir <folders>',
    env: 'HADAL_RUNS_DIR',
    reload: 'live',
  }),
}
