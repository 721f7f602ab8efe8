import { describe, expect, it } from 'vitest'
import { judgeQuantised, type QuantisedRaw } from './judge.ts'

/** By seed: fp32, more fp32 steps, quantized afterwards, quantization-aware. */
const raw = (
  rounds: readonly (readonly [number, number, number, number])[],
  by: QuantisedRaw['by'] = 'onnxruntime',
): QuantisedRaw => ({
  what: 'a network',
  by,
  testRows: 1000,
  steps: 10,
  moreSteps: 2,
  rounds: rounds.map(([fp32, fp32More, rounded, trained], seed) => ({
    seed,
    fp32,
    fp32More,
    rounded,
    trained,
    bytes: { fp32: 4096, int8: 1536 },
  })),
})

describe('what eight bits cost', () => {
  it.each([
    [
      'reproduced',
      [
        [90, 91, 90.8, 90.9],
        [90, 91, 90.7, 90.5],
      ],
    ],
    [
      'reproduced',
      [
        [90, 91, 90.8, 91.5],
        [90, 91, 90.7, 91.2],
      ],
    ],
    // More steps in fp32 would have been better still.
    [
      'partly',
      [
        [90, 91, 90.8, 90.2],
        [90, 91, 90.7, 90.4],
      ],
    ],
    [
      'not reproduced',
      [
        [90, 91, 88, 89],
        [90, 91, 88, 89.2],
      ],
    ],
  ] as const)('%s: %j', (verdict, rounds) => {
    expect(judgeQuantised(raw(rounds), 'quick').verdict).toBe(verdict)
  })

  it('says what training for it gave back, where that is more than seeds differ by', () => {
    const clear = judgeQuantised(
      raw([
        [90, 91, 89, 90.9],
        [90, 91, 89.1, 90.8],
      ]),
      'quick',
    )
    expect(clear.reason).toContain('gives back 1.80 points')
    const even = judgeQuantised(
      raw([
        [90, 91, 90.8, 90.9],
        [90, 91, 90.9, 90.7],
      ]),
      'quick',
    )
    expect(even.reason).toContain('Rounding after training loses about as much')
  })

  it('says how much the worst seed loses, where the mean loses less', () => {
    const rounds = [
      [90, 91, 91, 91.5],
      [90, 91, 91, 90.5],
    ] as const
    expect(judgeQuantised(raw(rounds), 'quick').reason).toContain('single seeds lose up to 0.50')
    expect(judgeQuantised(raw([[90, 91, 91, 90.8]]), 'quick').reason).not.toContain('single seeds')
  })

  it('says by what it was judged', () => {
    const rounds = [[90, 90, 90, 90]] as const
    expect(judgeQuantised(raw(rounds), 'quick').conditions).toContain('the exported file in onnxruntime')
    expect(judgeQuantised(raw(rounds, 'libtorch'), 'quick').conditions).toContain(
      'onnxruntime-node is not installed',
    )
  })
})
