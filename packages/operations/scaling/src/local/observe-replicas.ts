/**
 * Observes replicas in this process: slot utilisation since the last poll, queue length, latency. Always current, because values
 * are read at their source.
 */

import type { Clock } from '@hadal/base'
import type { Replicas } from '@hadal/engine'
import type { Observation } from '@hadal/fleet'
import type { RecentLatencies } from './recent-latencies.ts'

export class ReplicaObserver {
  readonly #replicas: Replicas
  readonly #latencies: RecentLatencies
  readonly #clock: Clock
  /** Since the last look: replicas' worth of busy places, in percent. */
  #busy: number[] = []

  constructor(replicas: Replicas, latencies: RecentLatencies, clock: Clock) {
    this.#replicas = replicas
    this.#latencies = latencies
    this.#clock = clock
  }

  /** To be called often, so that load between two rounds counts. */
  sample(): void {
    this.#busy.push(busyNow(this.#replicas))
  }

  observe(): Observation {
    const now = this.#clock.wallClock()
    this.sample()
    const busyPercent = this.#busy.reduce((sum, each) => sum + each, 0) / this.#busy.length
    this.#busy = []
    const { wanted, ready, all } = this.#replicas
    const backlog = all.reduce((sum, { snapshot }) => sum + snapshot.waiting, 0)
    return {
      now,
      replicas: wanted,
      readyReplicas: ready,
      busyPercent: { at: now, value: busyPercent },
      measuredReplicas: ready,
      backlog: { at: now, value: backlog },
      latencyP99Millis: { at: now, value: this.#latencies.p99(this.#clock.now()) },
    }
  }
}

/** Draining replicas finish their requests alongside the others: not counted. */
function busyNow({ all }: Replicas): number {
  return all
    .filter(({ standing, snapshot }) => standing === 'serving' && snapshot.state === 'ready')
    .reduce((sum, { snapshot }) => sum + 100 * Math.min(1, snapshot.running / snapshot.maxBatchSize), 0)
}
