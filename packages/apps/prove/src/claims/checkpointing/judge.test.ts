import { describe, expect, it } from 'vitest'
import { judgeCheckpointing } from './judge.ts'
import type { CheckpointingRaw, CheckpointingWay } from './measure.ts'

/** Three rounds on a machine of varying speed: state of 100, gradients of 50, and the given bytes of activations. */
const way = (name: string, activations: number, seconds: number, fields = {}): CheckpointingWay => ({
  ...{ precision: 'fp32', name, operations: name === 'kept' ? 1 : 1.2 },
  rounds: [1, 3, 2].map((slowness) => ({
    secondsPerStep: [seconds * slowness * 1.5, seconds * slowness],
    ...{ peakBytes: 150 + activations, stateBytes: 100, gradientBytes: 50, losses: [3, 2.5] },
    ...fields,
  })),
})

const rawOf = (...ways: CheckpointingWay[]): CheckpointingRaw => ({
  ...{ layers: 2, width: 64, windows: 4, windowLength: 32, keepsFreed: true },
  ways: [way('kept', 1000, 1), ...ways],
})

describe('the verdict on checkpointing', () => {
  it('is reproduced where one way has both figures', () => {
    const judged = judgeCheckpointing(rawOf(way('all', 100, 1.4), way('most', 250, 1.19)), 'quick')
    expect(judged).toMatchObject({
      verdict: 'reproduced',
      measured: '-75 % of activations (-65 % of all), +19 % processor time (+20 % operations)',
      conditions: expect.stringContaining('one thread, freed memory kept for the next step; most against'),
      reason: expect.stringContaining('all -90 % and +40 %'),
    })
  })

  it('is partly so where time is little and operations are not', () => {
    const most = { ...way('most', 250, 1.19), operations: 1.26 }
    expect(judgeCheckpointing(rawOf(most), 'quick')).toMatchObject({
      verdict: 'partly',
      reason: expect.stringContaining('the operations of a step are not (+26 % at the least)'),
    })
  })

  it('is partly so where the memory costs more', () => {
    const judged = judgeCheckpointing(rawOf(way('most', 200, 1.3), way('half', 500, 1.1)), 'quick')
    expect(judged.verdict).toBe('partly')
    expect(judged.reason).toContain('costs +30 % here')
  })

  it('is not where the memory is not saved, and where losses differ', () => {
    expect(judgeCheckpointing(rawOf(way('half', 500, 1.1)), 'quick').verdict).toBe('not reproduced')
    const other = judgeCheckpointing(rawOf(way('most', 200, 1.1, { losses: [3, 2.6] })), 'quick')
    expect(other).toMatchObject({
      verdict: 'not reproduced',
      reason: expect.stringContaining('Losses differ'),
    })
  })

  it('compares ways with what their own precision keeps', () => {
    const narrow = (name: string, activations: number, seconds: number): CheckpointingWay => ({
      ...way(name, activations, seconds),
      precision: 'bf16',
    })
    const judged = judgeCheckpointing(
      rawOf(way('most', 240, 1.5), narrow('kept', 500, 0.5), narrow('most', 120, 0.6)),
      'full',
    )
    expect(judged.verdict).toBe('reproduced')
    expect(judged.measured).toMatch(/^-76 % of activations/)
    expect(judged.plots[0]).toMatchObject({ bars: [{ name: 'fp32, most' }, { name: 'bf16, most' }] })
  })
})
