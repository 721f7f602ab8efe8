import { describe, expect, it } from 'vitest'
import { gains, type ImageTextRaw, judgeImageText, type Round } from './judge.ts'

/** Recall@1 by seed: one rate at ×1, two rates at ×1, one rate at ×10, two rates at ×10. */
function raw(seeds: readonly (readonly [number, number, number, number])[]): ImageTextRaw {
  const rounds = seeds.flatMap((found, index): Round[] =>
    found.map((value, at) => ({
      form: at % 2 === 0 ? 'one' : 'two',
      factor: at < 2 ? 1 : 10,
      seed: index,
      textToImage: value + 1,
      imageToText: value - 1,
    })),
  )
  return {
    before: { textToImage: 10, imageToText: 12 },
    pretrained: { textToImage: 70, imageToText: 70 },
    parameters: 2e5,
    rounds,
  }
}

describe('what two rates find more', () => {
  it.each([
    [
      'reproduced',
      [
        [20, 20, 40, 48],
        [20, 21, 40, 47],
        [20, 20, 41, 49],
      ],
    ],
    // Measured at the guide's rates only, which are not optimal.
    [
      'partly',
      [
        [20, 24, 40, 40],
        [20, 24, 40, 41],
        [20, 25, 41, 40],
      ],
    ],
    // A gain, and less than is claimed.
    [
      'partly',
      [
        [20, 20, 40, 42],
        [20, 20, 40, 42],
        [20, 20, 40, 43],
      ],
    ],
    [
      'not reproduced',
      [
        [20, 20, 40, 42],
        [20, 20, 40, 38],
        [20, 20, 40, 41],
      ],
    ],
    [
      'not reproduced',
      [
        [20, 19, 40, 36],
        [20, 19, 40, 35],
        [20, 19, 40, 36],
      ],
    ],
  ] as const)('%s: %j', (verdict, seeds) => {
    expect(judgeImageText(raw(seeds), 'quick').verdict).toBe(verdict)
  })

  it('compares seed by seed, each form at its own best rate', () => {
    const measured = raw([
      [20, 30, 10, 10],
      [40, 50, 10, 10],
    ])
    expect(gains(measured, 1, 1)).toEqual([50, 25])
    expect(judgeImageText(measured, 'quick').measured).toBe(
      "+37.5 % Recall@1 (40.0 against 30.0 %), each at the best of 2 rates; +37.5 % at the guide's own",
    )
  })
})

it('says that the size of the rate matters more where it does, and where the best lies at the edge', () => {
  const reasonOf = (found: readonly [number, number, number, number]): string =>
    judgeImageText(raw([found, found, found]), 'quick').reason
  expect(reasonOf([20, 20, 40, 42])).toContain('the size of the rate matters more (20.0 points')
  expect(reasonOf([38, 38, 40, 48])).not.toContain('matters more')
  expect(reasonOf([20, 20, 40, 42])).toContain('a larger one may be better')
  expect(reasonOf([40, 42, 20, 20])).not.toContain('a larger one may be better')
})
