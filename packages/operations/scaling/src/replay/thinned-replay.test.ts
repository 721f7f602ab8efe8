import { describe, expect, it } from 'vitest'
import { thinned } from './thinned-replay.ts'

const columnsOf = (steps: number) => ({
  replicas: Int32Array.from({ length: steps }, (_, step) => 1 + (step % 3)),
  ready: Int32Array.from({ length: steps }, (_, step) => 1 + (step % 2)),
  busy: new Float64Array(steps),
  backlog: Float64Array.from({ length: steps }, (_, step) => step % 5),
  latencyP99Millis: Float64Array.from({ length: steps }, (_, step) => (step < 4 ? Number.NaN : step)),
})
const workload = (steps: number) => ({
  title: 'drawn',
  startAt: 1000,
  stepMillis: 10,
  load: Float64Array.from({ length: steps }, (_, step) => step),
  sights: [],
  history: [],
  notes: [],
})

describe('a thinned replay', () => {
  it('has of each stretch the most engines, the latest answers, the mean load', () => {
    expect(thinned({ columns: columnsOf(12) }, workload(12), 3)).toEqual([
      { at: 1000, load: 1.5, replicas: 3, ready: 1, backlog: 3, latencyP99Millis: undefined },
      { at: 1040, load: 5.5, replicas: 3, ready: 1, backlog: 4, latencyP99Millis: 7 },
      { at: 1080, load: 9.5, replicas: 3, ready: 1, backlog: 4, latencyP99Millis: 11 },
    ])
  })

  it('is one point of a million steps where there is no room for more', () => {
    for (const room of [1, 0, -3])
      expect(thinned({ columns: columnsOf(1e6) }, workload(1e6), room)).toHaveLength(1)
  })

  it('is a point a step where there is room', () => {
    expect(thinned({ columns: columnsOf(5) }, workload(5), 100)).toHaveLength(5)
  })
})
