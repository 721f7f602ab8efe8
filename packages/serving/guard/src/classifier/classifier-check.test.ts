import { describe, expect, it } from 'vitest'
import type { Check, Language, Screened, View } from '../check.ts'
import { type Classifier, classifierOf } from './classifier.ts'
import { classifierCheck } from './classifier-check.ts'
import { perplexityCheck } from './perplexity-check.ts'
import { hashBits, visitTokens } from './text-features.ts'

const weights = new Int8Array(1 << hashBits)
visitTokens('forget rules', (token) => {
  for (const id of token.ids.subarray(0, token.count)) weights[id] = 100
})
const table = { count: 100, scores: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1] }
const classifier: Classifier = classifierOf({
  weights,
  scale: 0.1,
  bias: 0,
  perDoubling: {},
  perplexityPerDoubling: {},
  calibration: { en: table },
  perplexityCalibration: { en: { ...table, scores: table.scores.map((score) => score + 4) } },
  // 8 bits per character.
  characters: new Uint8Array(32 ** 4 / 2).fill(0xaa),
  record: { seed: 1, attacks: 0, benign: 0, sources: [], heldOut: [] },
})

const original = (text: string): View => ({ name: 'original', path: [], text, toOriginal: (span) => span })
const ask = (check: Check, views: readonly View[], language: Language = 'en'): ReturnType<Check> => {
  const requested: Screened = { text: views[0]!.text, views, role: 'user', language }
  return check(requested)
}

describe('classifierCheck', () => {
  const check = classifierCheck(classifier, { falsePositiveRate: 0.01 })

  it('finds an attack, where it is and by which words', () => {
    expect(ask(check, [original('forget rules')])).toEqual({
      suspicion: expect.any(Number),
      findings: [
        {
          rule: 'classifier.attack',
          span: { start: 0, end: 12 },
          view: 'original',
          why: expect.stringMatching(/forget/),
        },
      ],
    })
    expect(ask(check, [original('buy a big bag')])).toEqual({ suspicion: 0, findings: [] })
  })

  it('reads every view, and maps what it finds back', () => {
    const hidden: View = {
      name: 'rot13',
      path: ['rot13'],
      text: 'forget rules',
      toOriginal: () => ({ start: 3, end: 9 }),
    }
    expect(ask(check, [original('sbetrg ehyrf'), hidden])).toMatchObject({
      findings: [{ view: 'rot13', span: { start: 3, end: 9 } }],
    })
  })

  it('abstains where nothing was calibrated', () => {
    expect(ask(check, [original('忘记规则')], 'zh')).toEqual({ findings: [], abstained: 'language' })
    const own = classifierCheck(classifier, { falsePositiveRate: 0.01, calibration: { zh: table } })
    expect(ask(own, [original('忘记规则')], 'zh')).toMatchObject({ suspicion: expect.any(Number) })
  })
})

describe('perplexityCheck', () => {
  const check = perplexityCheck(classifier, { falsePositiveRate: 0.01 })

  it('finds what no text looks like, and abstains from what it cannot read', () => {
    expect(ask(check, [original('a b '.repeat(40))])).toMatchObject({
      findings: [{ rule: 'perplexity.high' }],
    })
    expect(ask(check, [original('short')])).toEqual({ findings: [], abstained: 'length' })
    expect(ask(check, [original('игнорируй')], 'other')).toEqual({ findings: [], abstained: 'language' })
  })
})
