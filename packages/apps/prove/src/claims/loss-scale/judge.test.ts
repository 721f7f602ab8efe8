import { describe, expect, it } from 'vitest'
import { judgeLossScale } from './judge.ts'
import type { LossScaleRaw, Way } from './measure.ts'

/** Held-out errors by power of two and way, in the order fp32, no scale, 128, dynamic; two seeds. */
function rawOf(levels: Readonly<Record<number, readonly number[]>>): LossScaleRaw {
  const ways: readonly Way[] = ['fp32', 'fp16, no scale', 'fp16, scale 128', 'fp16, dynamic scale']
  return {
    steps: 10,
    runs: Object.entries(levels).flatMap(([exponent, errors]) =>
      [1, 2].flatMap((seed) =>
        ways.map((way, at) => ({
          ...{ way, seed, exponent: Number(exponent), heldOut: errors[at]!, skipped: 0 },
          zeroShare: at === 1 ? 0.9 : 0.1,
          losses: seed === 1 ? Array.from({ length: 10 }, () => errors[at]!) : [],
        })),
      ),
    ),
  }
}

describe('the verdict on a loss scale of 128', () => {
  it('is reproduced where it brings back what no scale loses, and says where it is too small', () => {
    const raw = rawOf({ [-14]: [1, 1, 1, 1], [-22]: [1, 8, 1.02, 1], [-26]: [1, 10, 2, 1] })
    const { verdict, measured, reason, plots } = judgeLossScale(raw, 'quick')
    expect(verdict).toBe('reproduced')
    expect(measured).toBe(
      '8.00 times fp32’s error without a scale, 1.02 with 128 (gradients 90 %, 10 % zero)',
    )
    expect(reason).toContain('for a loss times 2^-26 it is too small')
    expect(reason).toContain('handles all of them')
    expect(reason).toContain('does not blow up')
    const blown = raw.runs.map((run) => (run.way === 'fp16, no scale' ? { ...run, heldOut: null } : run))
    expect(judgeLossScale({ ...raw, runs: blown }, 'quick').reason).not.toContain('does not blow up')
    expect(plots).toMatchObject([
      {
        series: [
          {
            points: [
              [2 ** -26, 1],
              [2 ** -22, 1],
              [2 ** -14, 1],
            ],
          },
          {},
          {},
          {},
        ],
      },
      {},
    ])
  })

  it('is not reproduced where 128 saves nothing, or where nothing underflows', () => {
    expect(judgeLossScale(rawOf({ [-22]: [1, 8, 4, 3] }), 'quick')).toMatchObject({
      verdict: 'not reproduced',
      reason: expect.stringContaining('handles 0 of 1'),
    })
    expect(judgeLossScale(rawOf({ [-14]: [1, 1, 1, 1] }), 'quick').verdict).toBe('not reproduced')
  })

  it('takes one seed that fails for a failure, and no number for a lost run', () => {
    const raw = rawOf({ [-22]: [1, 8, 1, 1] })
    const runs = raw.runs.map((run) =>
      run.way === 'fp16, scale 128' && run.seed === 2 ? { ...run, heldOut: null } : run,
    )
    expect(judgeLossScale({ ...raw, runs }, 'quick').verdict).toBe('not reproduced')
    const lost = raw.runs.map((run) => ({ ...run, losses: run.losses.map(() => null) }))
    const [, course] = judgeLossScale({ ...raw, runs: lost }, 'quick').plots
    expect(course).toMatchObject({
      series: Array(4).fill({
        points: [
          [3, Number.NaN],
          [8, Number.NaN],
        ],
      }),
    })
  })
})
