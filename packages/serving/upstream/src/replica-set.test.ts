import { describe, expect, it } from 'vitest'
import { ReplicaSet } from './replica-set.ts'

const set = (holdMillis: number): ReplicaSet =>
  new ReplicaSet({
    maxConcurrentPerReplica: 32,
    breaker: { failures: 3, openMillis: 2000, maxOpenMillis: 30_000 },
    routing: 'leastOutstanding',
    loadBound: 1.25,
    holdMillis,
  })

/** Number of requests that get a slot now. */
function fill(replicas: ReplicaSet, now: number): number {
  for (let count = 0; ; count += 1) {
    const replica = replicas.pick(now, new Set())
    if (replica === undefined) return count
    replica.begin()
  }
}

describe('a replica that has come up', () => {
  it('takes more and more where requests were held, and says when', () => {
    const replicas = set(60_000)
    replicas.update(['http://a'], 5000)
    expect(replicas.places(5000)).toEqual({ total: 32, free: 4 })
    expect([fill(replicas, 5000), replicas.changesAt(5000)]).toEqual([4, 6000])
    expect([fill(replicas, 5999), fill(replicas, 6000)]).toEqual([0, 4])
    expect([fill(replicas, 7000), fill(replicas, 8000), replicas.changesAt(8000)]).toEqual([8, 16, undefined])
  })

  it('begins anew when it was down', () => {
    const replicas = set(60_000)
    const [a] = replicas.update(['http://a'], 0).came
    a!.checked('it is down', 1, 90_000)
    a!.checked(undefined, 1, 100_000)
    expect(replicas.places(100_000).free).toBe(4)
    expect(replicas.places(103_000).free).toBe(32)
  })

  it('takes full load at once when there was no replica before', () => {
    const replicas = set(0)
    replicas.update(['http://a'], 5000)
    expect([fill(replicas, 5000), replicas.changesAt(5000)]).toEqual([32, undefined])
  })
})
