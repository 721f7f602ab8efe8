import { ManualClock } from '@hadal/base'
import type { EngineSnapshot, Replicas, ReplicaView } from '@hadal/engine'
import { expect, it } from 'vitest'
import { ReplicaObserver } from './observe-replicas.ts'
import { RecentLatencies } from './recent-latencies.ts'

const idle: EngineSnapshot = {
  state: 'ready',
  running: 0,
  waiting: 0,
  maxBatchSize: 4,
  maxQueue: 8,
  kvCacheUsage: 0,
  restarts: 0,
  slots: [],
}
const view = (more: Partial<EngineSnapshot>, standing: ReplicaView['standing'] = 'serving'): ReplicaView => ({
  place: 0,
  standing,
  snapshot: { ...idle, ...more },
})

function observed() {
  const clock = new ManualClock()
  const latencies = new RecentLatencies()
  let all: readonly ReplicaView[] = []
  const replicas: Replicas = {
    wanted: 2,
    get ready() {
      return all.filter(({ snapshot: { state } }) => state === 'ready').length
    },
    get all() {
      return all
    },
    scale() {},
    over: new AbortController().signal,
  }
  const observer = new ReplicaObserver(replicas, latencies, clock)
  const see = (...views: readonly ReplicaView[]) => {
    all = views
  }
  const busy = () => {
    const { busyPercent } = observer.observe()
    return 'value' in busyPercent ? busyPercent.value : Number.NaN
  }
  return { observer, latencies, clock, see, busy }
}

it('adds up how busy the places of those that serve are, on the mean since the last look', () => {
  const { observer, see, busy } = observed()
  see(view({ running: 4 }), view({ running: 2 }), view({ running: 4 }, 'leaving'))
  observer.sample()
  see(view({ running: 0 }), view({ running: 2 }))
  expect(busy()).toBe(100)
  expect(busy()).toBe(50)
  see(view({ running: 9 }), view({ running: 4, state: 'restarting' }))
  expect(busy()).toBe(100)
  see()
  expect(busy()).toBe(0)
})

it('counts all waiting requests, and has no latency when none completed', () => {
  const { observer, latencies, clock, see } = observed()
  see(
    view({ waiting: 3 }),
    view({ waiting: 2 }, 'leaving'),
    view({ waiting: 1, state: 'starting' }, 'starting'),
  )
  const { now, replicas, readyReplicas, measuredReplicas, backlog, latencyP99Millis } = observer.observe()
  expect({ replicas, readyReplicas, measuredReplicas }).toEqual({
    replicas: 2,
    readyReplicas: 2,
    measuredReplicas: 2,
  })
  expect(backlog).toEqual({ at: now, value: 6 })
  expect(latencyP99Millis).toEqual({ at: now, value: Number.NaN })
  latencies.add(clock.now(), 700)
  expect(observer.observe().latencyP99Millis).toEqual({ at: now, value: 700 })
})
