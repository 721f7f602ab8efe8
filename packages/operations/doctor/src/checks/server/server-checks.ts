/** The tables of checks on a running server's own metrics. */

import type { Source } from '../../capture/capture.ts'
import type { Check } from '../check.ts'
import { answerChecks } from './answers.ts'
import { batchChecks } from './batches.ts'
import { engineChecks } from './engines.ts'
import { failureChecks } from './failures.ts'
import { latencyChecks } from './latency.ts'

/**
 * Checks of a running server, by what it answers.
 *
 * @example
 * ```ts
 * import { serverChecks } from '@hadal/doctor'
 *
 * serverChecks.length > 0 // → true
 * ```
 */
export const serverChecks: readonly Check[] = [
  ...answerChecks,
  ...latencyChecks,
  ...batchChecks,
  ...engineChecks,
  ...failureChecks,
]

const limitMillis = 5000

/** @internal */
export const serverSources: readonly Source[] = [
  {
    name: 'server-health',
    about: 'whether its model is loaded',
    read: { kind: 'server', path: '/health', limitMillis },
  },
  {
    name: 'server-ready',
    about: 'its readiness',
    read: { kind: 'server', path: '/ready', limitMillis },
  },
  {
    name: 'server-models',
    about: 'its models and their states',
    read: { kind: 'server', path: '/v1/models', limitMillis },
  },
  {
    name: 'server-metrics',
    about: 'its metrics',
    read: { kind: 'server', path: '/metrics', limitMillis },
  },
  {
    name: 'server-metrics-later',
    about: 'its metrics a few seconds later, for recent rates',
    read: { kind: 'server', path: '/metrics', limitMillis },
  },
  {
    name: 'service-slo',
    about: 'the objectives in its config (`slo`)',
    read: { kind: 'probe' },
  },
]
