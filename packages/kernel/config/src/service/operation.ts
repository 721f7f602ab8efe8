/** Settings of the process. */

import { flag, millis, oneOf, texts } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface OperationSettings {
  /** Whether the server has a web page at `/`: a playground, and what administrators look at. */
  readonly console: boolean
  /** Whether `GET /slots` says what is being generated. */
  readonly slots: boolean
  /** Clients may load and unload LoRA adapters: every client can then read the files that this process can. */
  readonly adapterChanges: boolean
  /** How long running requests may go on after SIGTERM. */
  readonly drainTimeoutMillis: number
  /** Least severe log line that is printed. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Folders in which, or below which, training runs are: administrators see them in the console. */
  readonly runsDir: readonly string[]
}

export const operationSettings: SettingsTable<OperationSettings> = {
  console: setting({
    kind: flag,
    default: true,
    doc: 'Whether the server has a web page at `/`: a playground, and what administrators look at.',
    group: 'Operation',
    unit: null,
    flag: '--console <boolean>',
    env: 'HADAL_CONSOLE',
  }),
  slots: setting({
    kind: flag,
    default: true,
    doc: 'Whether `GET /slots` says what is being generated.',
    group: 'Operation',
    unit: null,
    flag: '--slots <boolean>',
    env: 'HADAL_SLOTS',
    reload: 'live',
  }),
  adapterChanges: setting({
    kind: flag,
    default: false,
    doc: 'Clients may load and unload LoRA adapters: every client can then read the files that this process can.',
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
    doc: 'How long running requests may go on after SIGTERM.',
    group: 'Operation',
    unit: 'milliseconds',
    flag: '--drain-timeout <duration>',
    env: 'HADAL_DRAIN_TIMEOUT_MILLIS',
    reload: 'live',
  }),
  logLevel: setting({
    kind: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    doc: 'Least severe log line that is printed.',
    group: 'Operation',
    unit: null,
    flag: '--log-level <level>',
    env: 'HADAL_LOG_LEVEL',
    reload: 'live',
  }),
  runsDir: setting({
    kind: texts,
    default: ['runs'],
    doc: 'Folders in which, or below which, training runs are: administrators see them in the console.',
    group: 'Operation',
    unit: null,
    flag: '--runs-dir <folders>',
    env: 'HADAL_RUNS_DIR',
    reload: 'live',
  }),
}
