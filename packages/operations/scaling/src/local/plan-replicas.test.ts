import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeReplicas, planReplicas, type ReplicasRequested } from './plan-replicas.ts'

const gib = 1024 ** 3
const requested: ReplicasRequested = {
  replicas: 'auto',
  minReplicas: 1,
  maxReplicas: undefined,
  threads: undefined,
  kvCacheBytes: undefined,
  weightBytes: gib,
  sharesWeights: true,
}
const machine = { cores: 8, freeBytes: 64 * gib }
const plan = (more: Partial<ReplicasRequested>, of = machine) => planReplicas({ ...requested, ...more }, of)

describe('planReplicas', () => {
  it('uses the configured number, and splits the cores between the replicas', () => {
    expect(plan({ replicas: 2 })).toEqual({ least: 2, most: 2, threads: 4 })
    expect(plan({ replicas: 12 })).toEqual({ least: 12, most: 12, threads: 1 })
    expect(plan({ replicas: 2, threads: 3 }).threads).toBe(3)
  })

  it('has no more by itself than there are cores, and says so', () => {
    expect(plan({})).toEqual({ least: 1, most: 8, threads: 1, bound: '8 cores' })
    expect(plan({ threads: 3 })).toMatchObject({ most: 2, threads: 3, bound: '8 cores' })
    expect(describeReplicas(plan({}))).toBe('1 to 8, limited by 8 cores')
    expect(describeReplicas(plan({}, { ...machine, cores: 1 }))).toBe('1, limited by 1 core')
  })

  it('has no more than fit: mapped weights count once, others each time', () => {
    const small = { ...machine, freeBytes: 4 * gib }
    expect(plan({ kvCacheBytes: gib / 2 }, small)).toMatchObject({ most: 3, bound: '4.0 GiB of free memory' })
    expect(plan({ sharesWeights: false }, small)).toMatchObject({ most: 2 })
    expect(describeReplicas(plan({ sharesWeights: false }, small))).toBe(
      '1 to 2, limited by 4.0 GiB of free memory',
    )
    expect(plan({ weightBytes: 400 * gib })).toMatchObject({ least: 1, most: 1 })
  })

  it('stays within what the service says of scaling', () => {
    expect(plan({ minReplicas: 2, maxReplicas: 4 })).toEqual({ least: 2, most: 4, threads: 2 })
    expect(plan({ minReplicas: 0, maxReplicas: 4 }).least).toBe(1)
    expect(plan({ minReplicas: 20, maxReplicas: 40 })).toMatchObject({ least: 8, most: 8, bound: '8 cores' })
    expect(describeReplicas(plan({ maxReplicas: 4 }))).toBe('1 to 4')
  })

  it('never gives away more cores or memory than there are, and always leaves one', () => {
    const some = fc.record({
      minReplicas: fc.nat(20),
      maxReplicas: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
      threads: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      kvCacheBytes: fc.option(fc.integer({ min: 1, max: 8 * gib }), { nil: undefined }),
      weightBytes: fc.nat(32 * gib),
      sharesWeights: fc.boolean(),
    })
    const of = fc.record({ cores: fc.integer({ min: 1, max: 64 }), freeBytes: fc.nat(128 * gib) })
    fc.assert(
      fc.property(some, of, (more, machine) => {
        const { least, most, threads } = plan(more, machine)
        expect(least).toBeGreaterThanOrEqual(1)
        expect(least).toBeLessThanOrEqual(most)
        expect(most).toBeLessThanOrEqual(Math.max(1, more.maxReplicas ?? 64))
        if (most === 1) return
        expect(most * threads).toBeLessThanOrEqual(machine.cores)
        const weights = more.weightBytes * (more.sharesWeights ? 1 : most)
        expect(weights + most * (more.kvCacheBytes ?? 0)).toBeLessThanOrEqual(machine.freeBytes)
      }),
    )
  })
})
