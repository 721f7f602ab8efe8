/** Scales a model's replicas by load, with the same decisions as in a cluster, until its engine ends. */

import { type Clock, type Logger, systemClock } from '@hadal/base'
import type { ReplicatedEngine } from '@hadal/engine'
import type { ScalingPolicy } from '@hadal/fleet'
import { createScaler, ownMemory, repeat, type Scaler } from '../scaler.ts'
import { ReplicaObserver } from './observe-replicas.ts'
import type { RecentLatencies } from './recent-latencies.ts'

export interface ScaleReplicasOptions {
  readonly engine: ReplicatedEngine
  readonly latencies: RecentLatencies
  readonly policy: ScalingPolicy
  readonly checkIntervalMillis: number
  readonly logger: Logger
  readonly clock?: Clock
}

/** How often it is looked how many places are taken. */
const sampleMillis = 250

/** Scales replicas of an engine that is ready. */
export function scaleReplicas(options: ScaleReplicasOptions): Scaler {
  const { engine, latencies, policy, checkIntervalMillis, logger, clock = systemClock } = options
  const { replicas } = engine
  const observer = new ReplicaObserver(replicas, latencies, clock)
  const scaler = createScaler({
    model: engine.model.id,
    target: 'processes on this machine',
    policy,
    observe: async () => observer.observe(),
    async act({ to }) {
      replicas.scale(to)
      return 'done'
    },
    memory: ownMemory(),
    log: logger,
    clock,
  })
  const sample = async (): Promise<void> => observer.sample()
  for (const [step, everyMillis] of [
    [sample, sampleMillis],
    [scaler.step, checkIntervalMillis],
  ] as const)
    repeat(step, everyMillis, replicas.over, clock).catch((error: unknown) =>
      logger.error('autoscaling has stopped', { error }),
    )
  return scaler
}
