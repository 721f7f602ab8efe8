import type { SavedTensor } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import type { Checkpoint } from './checkpoint-file.ts'
import { compareRuns, firstDifference, type RunRecord } from './compare-runs.ts'

const fp32 = (...values: number[]): SavedTensor => ({
  dtype: 'float32',
  shape: [values.length],
  bytes: new Uint8Array(Float32Array.from(values).buffer),
})
const checkpoint = {
  state: { step: 9, position: { drawn: 36 }, fingerprint: 'abc', heldOut: { best: 2, sinceBest: 0 } },
  weights: new Map([['a', fp32(1, 2, 3)]]),
  optimizer: new Map<string, SavedTensor>([
    ['mean.a', fp32(0.5)],
    ['codes.a', { dtype: 'uint8', shape: [2], bytes: Uint8Array.of(7, 8) }],
  ]),
  average: new Map(),
  precision: new Map(),
  rng: Uint8Array.of(1, 2, 3),
} as unknown as Checkpoint
const record = (change: Partial<RunRecord> = {}, of: Partial<Checkpoint> = {}): RunRecord => ({
  checkpoint: { ...checkpoint, ...of },
  metrics: [
    { step: 1, loss: 3, seconds: 0.1 },
    { step: 2, loss: 2.5, seconds: 0.2 },
  ],
  reads: [
    { step: 1, read: 'row 4' },
    { step: 2, read: 'row 5' },
  ],
  ...change,
})
const first = (other: RunRecord) => firstDifference(compareRuns(record(), other))

describe('two runs', () => {
  it('are the same where only the time they took differs', () => {
    const other = record({
      metrics: record().metrics.map((line) => ({ ...line, seconds: 9, memoryBytes: 1 })),
    })
    expect(first(other)).toBeUndefined()
    expect(compareRuns(record(), other).map(({ part }) => part)).toContain('random state')
  })

  it.each<[string, RunRecord, string, string]>([
    [
      'what was read',
      record({
        reads: [
          { step: 1, read: 'row 4' },
          { step: 2, read: 'row 9' },
        ],
      }),
      'data read',
      'step 2 read row 9 instead of row 5',
    ],
    [
      'reads that are missing',
      record({ reads: [{ step: 1, read: 'row 4' }] }),
      'data read',
      'step 2 read nothing more instead of row 5',
    ],
    [
      'a measurement',
      record({
        metrics: [
          { step: 1, loss: 3 },
          { step: 2, loss: 2.75 },
        ],
      }),
      'metrics',
      'loss of step 2 is 2.75 instead of 2.5',
    ],
    ['a line', record({ metrics: [{ step: 1, loss: 3 }] }), 'metrics', 'step 2 is missing in one of them'],
    [
      'a weight',
      record({}, { weights: new Map([['a', fp32(1, -2, 3)]]) }),
      'weights',
      'a [3] has value 1: -2 instead of 2',
    ],
    [
      'a moment in 8 bits',
      record(
        {},
        {
          optimizer: new Map([
            ['mean.a', fp32(0.5)],
            ['codes.a', { dtype: 'uint8', shape: [2], bytes: Uint8Array.of(7, 9) }],
          ]),
        },
      ),
      'optimizer',
      'codes.a [2] has value 1: 9 instead of 8',
    ],
    ['a tensor', record({}, { average: new Map([['x', fp32(1)]]) }), 'average', 'x is in one of them only'],
    [
      'a scale',
      record({}, { precision: new Map([['scale', fp32(1)]]) }),
      'precision',
      'scale is in one of them only',
    ],
    [
      'the generator',
      record({}, { rng: Uint8Array.of(1, 2, 4) }),
      'random state',
      '010204 instead of 010203',
    ],
    [
      'the position',
      record({}, { state: { ...checkpoint.state, position: { drawn: 40 } } }),
      'position',
      '{"drawn":40} instead of {"drawn":36}',
    ],
    [
      'the run',
      record({ metrics: [] }, { state: { ...checkpoint.state, fingerprint: 'x' } }),
      'run',
      'x instead of abc',
    ],
  ])('differ by %s', (_, other, part, difference) => {
    expect(first(other)).toMatchObject({ part, difference: expect.stringContaining(difference) })
  })

  it('differ first where the earliest step does', () => {
    const other = record({
      metrics: [
        { step: 1, loss: 4 },
        { step: 2, loss: 2.5 },
      ],
      reads: [
        { step: 1, read: 'row 4' },
        { step: 2, read: 'row 9' },
      ],
    })
    expect(first(other)).toMatchObject({ part: 'metrics', step: 1 })
  })
})
