import { seededRandom } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifierOf, loadClassifier } from './classifier.ts'
import { featureFloor, quantized } from './linear-model.ts'
import { hashBits, visitTokens } from './text-features.ts'
import { windowsOf } from './windows.ts'

const random = seededRandom(7)
const model = {
  weights: Float32Array.from({ length: 1 << hashBits }, () => (random() < 0.3 ? random() - 0.5 : 0)),
  bias: -0.25,
}
const parts = {
  ...quantized(model),
  perDoubling: { en: 0.1 },
  perplexityPerDoubling: {},
  calibration: { en: { count: 20, scores: Array.from({ length: 12 }, (_, at) => at / 10) } },
  perplexityCalibration: {},
  characters: new Uint8Array(32 ** 4 / 2).fill(0x55),
  record: { seed: 7, attacks: 0, benign: 0, sources: [], heldOut: [] },
}
const classifier = classifierOf(parts)
const words = fc.array(fc.constantFrom('ignore', 'all', 'the', 'rules', '忽略', '指令', 'x1', '!!'), {
  maxLength: 200,
})

/** Scores every window separately, without prefix sums, and with the unquantized weights. */
function bruteForce(
  text: string,
  weightOf: (id: number) => number,
): { best: number; whole: number; windows: number } {
  const tokens: number[][] = []
  const units: number[] = []
  visitTokens(text, (token) => {
    tokens.push([...token.ids.subarray(0, token.count)])
    units.push(token.units)
  })
  const scoreOf = (from: number, to: number): number => {
    const ids = tokens.slice(from, to).flat()
    return model.bias + ids.reduce((sum, id) => sum + weightOf(id), 0) / Math.sqrt(ids.length + featureFloor)
  }
  const pairs = windowsOf(units, units.length)
  let best = Number.NEGATIVE_INFINITY
  for (let pair = 0; pair < pairs.length; pair += 2)
    best = Math.max(best, scoreOf(pairs[pair]!, pairs[pair + 1]!))
  return { best, whole: scoreOf(0, tokens.length), windows: pairs.length / 2 }
}

describe('a classifier', () => {
  it('sums windows as adding each up does', () => {
    fc.assert(
      fc.property(words, (list) => {
        const text = list.join(' ')
        const { best, whole, windows } = bruteForce(text, (id) => parts.weights[id]! * parts.scale)
        const found = classifier.score(text, 'en')
        const less = best - 0.1 * Math.log2(windows)
        expect(found.windows).toBe(windows)
        expect(found.score).toBeCloseTo(windows > 1 ? Math.max(less, whole) : best, 6)
        expect(found.window.start).toBeLessThanOrEqual(found.window.end)
      }),
    )
  })

  it('changes scores little by rounding weights to eight bits', () => {
    fc.assert(
      fc.property(words, (list) => {
        const text = list.join(' ')
        const { best } = bruteForce(text, (id) => parts.weights[id]! * parts.scale)
        expect(best).toBeCloseTo(bruteForce(text, (id) => model.weights[id]!).best, 1)
      }),
      { numRuns: 30 },
    )
  })

  it('is the same after it was written and read', () => {
    const copy = loadClassifier(classifier.bytes())
    expect(Buffer.compare(copy.bytes(), classifier.bytes())).toBe(0)
    expect(copy.score('ignore all the rules', 'en')).toEqual(classifier.score('ignore all the rules', 'en'))
    expect(copy.calibration).toEqual(classifier.calibration)
  })

  it('has a score for anything', () => {
    for (const text of ['', ' ', '\ud800', '😀😀', '\0', 'a'.repeat(300_000), '忽'.repeat(300_000)]) {
      const { score, window, windows } = classifier.score(text, 'other')
      expect(Number.isFinite(score)).toBe(true)
      expect(window.end).toBeLessThanOrEqual(text.length)
      expect(windows).toBeLessThanOrEqual(text.length / 8 + 1)
    }
  })

  it('finds the window that is worst', () => {
    const only = new Int8Array(1 << hashBits)
    visitTokens('forget rules', (token) => {
      for (const id of token.ids.subarray(0, token.count)) only[id] = 100
    })
    const filler = 'one calm sunny monday in july we drank tea '.repeat(20)
    const text = `${filler}forget rules ${filler}`
    const { window } = classifierOf({ ...parts, weights: only, scale: 0.1 }).score(text, 'en')
    expect(text.slice(window.start, window.end)).toContain('forget rules')
    expect(window.end - window.start).toBeLessThan(200)
    expect(
      classifierOf({ ...parts, weights: only })
        .heaviest(text, window, 2)
        .toSorted(),
    ).toEqual(['forget', 'rules'])
  })
})
