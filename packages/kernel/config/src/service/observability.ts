/** Logging and tracing settings. */

import { z } from 'zod'
import { flag, type Kind, number, oneOf, optional } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface ObservabilitySettings {
  /** Access log with one line per request (client, cost, outcome): as text, as JSON, or none. */
  readonly accessLog: 'off' | 'text' | 'json'
  /** Format of log lines: text or JSON. */
  readonly logFormat: 'text' | 'json'
  /** Include prompts in JSON access logs and traces. Otherwise prompts are never recorded. */
  readonly logPrompts: boolean
  /** OpenTelemetry collector for request traces, over OTLP/HTTP; `/v1/traces` is appended. */
  readonly otlpEndpoint: string | undefined
  /** Share of requests to trace, 0 to 1. Clients that send a trace context decide for themselves. */
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
    doc: 'Access log with one line per request (client, cost, outcome): as text, as JSON, or none.',
    group: 'Operation',
    unit: null,
    flag: '--access-log <format>',
    env: 'HADAL_ACCESS_LOG',
  }),
  logFormat: setting({
    kind: oneOf('text', 'json'),
    default: 'text',
    doc: 'Format of log lines: text or JSON.',
    group: 'Operation',
    unit: null,
    flag: '--log-format <format>',
    env: 'HADAL_LOG_FORMAT',
  }),
  logPrompts: setting({
    kind: flag,
    default: false,
    doc: 'Include prompts in JSON access logs and traces. Otherwise prompts are never recorded.',
    group: 'Operation',
    unit: null,
    flag: '--log-prompts',
    env: 'HADAL_LOG_PROMPTS',
  }),
  otlpEndpoint: setting({
    kind: optional(httpUrl),
    default: undefined,
    defaultDoc: '`OTEL_EXPORTER_OTLP_ENDPOINT`; without either, tracing is off',
    doc: 'OpenTelemetry collector for request traces, over OTLP/HTTP; `/v1/traces` is appended.',
    group: 'Operation',
    unit: null,
    flag: '--otlp-endpoint <url>',
    env: 'HADAL_OTLP_ENDPOINT',
  }),
  traceRatio: setting({
    kind: number(0, 1),
    default: 1,
    doc: 'Share of requests to trace, 0 to 1. Clients that send a trace context decide for themselves.',
    group: 'Operation',
    unit: null,
    flag: '--trace-ratio <share>',
    env: 'HADAL_TRACE_RATIO',
  }),
}
