import { describe, expect, it } from 'vitest'
import type { EngineSnapshot } from '../engine.ts'
import { sumSnapshots } from './sum-snapshots.ts'

const snapshot = (more: Partial<EngineSnapshot> = {}): EngineSnapshot => ({
  state: 'ready',
  running: 1,
  waiting: 2,
  maxBatchSize: 2,
  maxQueue: 8,
  kvCacheUsage: 0.5,
  restarts: 1,
  slots: [0, 1].map((slot) => ({ slot, promptTokens: 0, computedTokens: 0, generatedTokens: slot })),
  ...more,
})

describe('sumSnapshots', () => {
  it('adds what is counted, and takes the mean of what is a share', () => {
    const sum = sumSnapshots(
      [
        { place: 0, serves: true, snapshot: snapshot() },
        { place: 2, serves: true, snapshot: snapshot({ kvCacheUsage: 1, running: 0 }) },
      ],
      3,
    )
    expect(sum).toMatchObject({ state: 'ready', running: 1, waiting: 4, maxBatchSize: 4, maxQueue: 16 })
    expect(sum).toMatchObject({ kvCacheUsage: 0.75, restarts: 5, replicas: 2 })
    expect(sum.slots.map(({ slot, replica }) => [slot, replica])).toEqual([
      [0, 0],
      [1, 0],
      [4, 2],
      [5, 2],
    ])
  })

  it('counts what one that leaves still does, and none of its places', () => {
    const parts = [
      { place: 0, serves: true, snapshot: snapshot({ running: 0, waiting: 0 }) },
      { place: 1, serves: false, snapshot: snapshot() },
    ]
    const sum = { running: 1, waiting: 2, maxBatchSize: 2, maxQueue: 8, replicas: 1 }
    expect(sumSnapshots(parts, 0)).toMatchObject(sum)
    expect(sumSnapshots(parts, 0).slots).toHaveLength(4)
  })

  it('is ready as long as one is, and says what the first will be before that', () => {
    const state = (...states: readonly EngineSnapshot['state'][]) =>
      sumSnapshots(
        states.map((each, place) => ({ place, serves: true, snapshot: snapshot({ state: each }) })),
        0,
      ).state
    expect(state('restarting', 'ready')).toBe('ready')
    expect(state('restarting', 'starting')).toBe('restarting')
    const first = { place: 0, serves: false, snapshot: snapshot({ state: 'starting' }) }
    expect(sumSnapshots([first], 0)).toMatchObject({ state: 'starting', maxBatchSize: 2 })
  })
})
