/**
 * The metrics of `hadal scale`, in the form of the server's table. Every replica serves them; model metrics come from the
 * leader only.
 *
 * @example
 * ```ts
 * import { scaleMetrics } from '@hadal/protocol'
 *
 * Object.values(scaleMetrics)[0].name.startsWith('hadal_') // → true
 * ```
 */

export const scaleMetrics = {
  isLeader: {
    name: 'hadal_scale_is_leader',
    kind: 'gauge',
    help: '1 of the replica that decides, 0 of those that wait to. No 1 anywhere: nobody changes the number of engines.',
    labels: [],
  },
  replicas: {
    name: 'hadal_scale_replicas',
    kind: 'gauge',
    help: 'Engines that are asked for, as they were at the last look.',
    labels: ['model_name'],
  },
  readyReplicas: {
    name: 'hadal_scale_ready_replicas',
    kind: 'gauge',
    help: 'Engines that answer, as they were at the last look.',
    labels: ['model_name'],
  },
  desired: {
    name: 'hadal_scale_desired_replicas',
    kind: 'gauge',
    help: 'Engines that there have to be, by the last decision.',
    labels: ['model_name'],
  },
  leastReplicas: {
    name: 'hadal_scale_min_replicas',
    kind: 'gauge',
    help: 'Engines at least, by `scaling.minReplicas`.',
    labels: ['model_name'],
  },
  mostReplicas: {
    name: 'hadal_scale_max_replicas',
    kind: 'gauge',
    help: 'Engines at most, by `scaling.maxReplicas`.',
    labels: ['model_name'],
  },
  decisions: {
    name: 'hadal_scale_decisions_total',
    kind: 'counter',
    help: 'Decisions, by what was done (up, down, hold) and by the reason.',
    labels: ['model_name', 'action', 'reason'],
  },
  faults: {
    name: 'hadal_scale_faults_total',
    kind: 'counter',
    help: 'Looks of which no decision came, or none that could be carried out: an API server that does not answer, a Deployment that is gone.',
    labels: ['model_name'],
  },
  observedAt: {
    name: 'hadal_scale_observation_timestamp_seconds',
    kind: 'gauge',
    help: 'When the newest figure was measured that a decision could go by, in seconds of the epoch: `time()` less this is how blind it is.',
    labels: ['model_name'],
  },
  unusable: {
    name: 'hadal_scale_signal_unusable',
    kind: 'gauge',
    help: '1 while a figure is missing, stale or impossible, 0 while it counts, by signal: busy, backlog, latency, demand.',
    labels: ['model_name', 'signal'],
  },
} as const
