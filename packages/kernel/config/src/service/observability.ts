/** Logging and tracing settings. */

import { z } from 'zod'
import { flag, type Kind, number, oneOf, optional } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ObservabilitySettings {
  /** A line in the log for each request: who asked, what it cost, how it ended. As text among the other lines, as a JSON object, or none. */
  readonly accessLog: 'off' | 'text' | 'json'
  /** Lines of the log as text, or each as a JSON object. */
  readonly logFormat: 'text' | 'json'
  /** What clients ask stands in JSON access lines and in traces, too. Without it no prompt is ever written down. */
  readonly logPrompts: boolean
  /** Collector of OpenTelemetry that gets a trace of each request, over OTLP/HTTP; `/v1/traces` is appended. */
  readonly otlpEndpoint: string | undefined
  /** Share of requests that are traced, 0 to 1. A client that traces decides for its own. */
  readonly traceRatio: number
}

const httpUrl: Kind<string> = {
  schema: z.url({ protocol: /^https?$/ }),
  expected: 'an http or https address, such as http://127.0.0.1:4318',
  read: (given) => given,
}

export const observabilitySettings: SettingsTable<ObservabilitySettings> = {
  accessLog: setting({
    kind: oneOf('off', 'text', 'json'),
    default: 'text',
    doc: 'A line in the log for each request: who asked, what it cost, how it ended. As text among the other lines, as a JSON object, or none.',
    group: 'Operation',
    unit: null,
    flag: '--access-log <format>',
    env: 'HADAL_ACCESS_LOG',
  }),
  logFormat: setting({
    kind: oneOf('text', 'json'),
    default: 'text',
    doc: 'Lines of the log as text, or each as a JSON object.',
    group: 'Operation',
    unit: null,
    flag: '--log-format <format>',
    env: 'HADAL_LOG_FORMAT',
  }),
  logPrompts: setting({
    kind: flag,
    default: false,
    doc: 'What clients ask stands in JSON access lines and in traces, too. Without it no prompt is ever written down.',
    group: 'Operation',
    unit: null,
    flag: '--log-prompts',
    env: 'HADAL_LOG_PROMPTS',
  }),
  otlpEndpoint: setting({
    kind: optional(httpUrl),
    default: undefined,
    defaultDoc: 'that of `OTEL_EXPORTER_OTLP_ENDPOINT`; without either nothing is traced',
    doc: 'Collector of OpenTelemetry that gets a trace of each request, over OTLP/HTTP; `/v1/traces` is appended.',
    group: 'Operation',
    unit: null,
    flag: '--otlp-endpoint <url>',
    env: 'HADAL_OTLP_ENDPOINT',
  }),
  traceRatio: setting({
    kind: number(0, 1),
    default: 1,
    doc: 'Share of requests that are traced, 0 to 1. A client that traces decides for its own.',
    group: 'Operation',
    unit: null,
    flag: '--trace-ratio <share>',
    env: 'HADAL_TRACE_RATIO',
  }),
}
