/**
 * The metrics of `hadal scale`, in the form of the server's table. Every replica serves them; model metrics come from the
 * leader only.
 *
 * @example
 * ```ts
 * import { scaleMetrics } from '@hadal/protocol'
 *
 * Object.values(scaleMetrics)[0]!.name.startsWith('hadal_') // → true
 * ```
 */

export const scaleMetrics = {
  isLeader: {
    name: 'hadal_scale_is_leader',
    kind: 'gauge',
    help: '1 on the leading controller, 0 on standbys. No 1 anywhere: the number of engines does not change.',
    labels: [],
  },
  replicas: {
    name: 'hadal_scale_replicas',
    kind: 'gauge',
    help: 'Requested engines at the last poll.',
    labels: ['model_name'],
  },
  readyReplicas: {
    name: 'hadal_scale_ready_replicas',
    kind: 'gauge',
    help: 'Ready engines at the last poll.',
    labels: ['model_name'],
  },
  desired: {
    name: 'hadal_scale_desired_replicas',
    kind: 'gauge',
    help: 'Engines required by the last decision.',
    labels: ['model_name'],
  },
  minReplicas: {
    name: 'hadal_scale_min_replicas',
    kind: 'gauge',
    help: 'Minimum number of engines (`scaling.minReplicas`).',
    labels: ['model_name'],
  },
  maxReplicas: {
    name: 'hadal_scale_max_replicas',
    kind: 'gauge',
    help: 'Maximum number of engines (`scaling.maxReplicas`).',
    labels: ['model_name'],
  },
  decisions: {
    name: 'hadal_scale_decisions_total',
    kind: 'counter',
    help: 'Decisions, by action (up, down, hold) and reason.',
    labels: ['model_name', 'action', 'reason'],
  },
  failures: {
    name: 'hadal_scale_failures_total',
    formerly: { name: 'hadal_scale_faults_total' },
    kind: 'counter',
    help: 'Polls without a decision, or with one that could not be applied: the API server did not respond, the Deployment is gone.',
    labels: ['model_name'],
  },
  observedAt: {
    name: 'hadal_scale_observation_timestamp_seconds',
    kind: 'gauge',
    help: 'Time of the newest measurement used for decisions, in seconds since 1970: `time()` minus this is its age.',
    labels: ['model_name'],
  },
  unusable: {
    name: 'hadal_scale_signal_unusable',
    kind: 'gauge',
    help: '1 while a signal is missing, stale or invalid, 0 while it is used, by signal: busy, backlog, latency, demand.',
    labels: ['model_name', 'signal'],
  },
} as const
