import { seededRandom } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { surpriseOf, trainCharacterModel } from './character-model.ts'

const prose =
  'the cat sat on the mat and looked at the rain that fell on the old town, as it did every day in spring. '
const packed = trainCharacterModel([prose.repeat(40)])
const random = seededRandom(3)
const signs = 'qzxv}{;!wkjQ=+*'
const soup = Array.from({ length: 120 }, () => signs.charAt(random() * signs.length)).join('')

describe('a character model', () => {
  it('is surprised by soup, says where it is, and not by what it knows', () => {
    const known = surpriseOf(packed, prose.repeat(2))!
    const text = prose.repeat(3) + soup + prose.repeat(3)
    const found = surpriseOf(packed, text)!
    expect(known.bits).toBeLessThan(3)
    expect(found.bits).toBeGreaterThan(2 * known.bits)
    expect(soup).toContain(text.slice(found.start + 12, found.end - 12))
  })

  it('does not read other scripts, and has nothing to say of short texts', () => {
    expect(surpriseOf(packed, '猫坐在垫子上'.repeat(100))).toBeUndefined()
    expect(surpriseOf(packed, 'the cat sat')).toBeUndefined()
    expect(surpriseOf(packed, '')).toBeUndefined()
  })

  it('stays within bounds on any text, with windows in proportion to its length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab c.!Z9("\n忽é\ud800'), maxLength: 400 }),
        (text) => {
          const found = surpriseOf(packed, text)
          if (found === undefined) return
          expect(found.bits).toBeGreaterThanOrEqual(0)
          expect(found.bits).toBeLessThanOrEqual(12)
          expect(found.start).toBeLessThan(found.end)
          expect(found.end).toBeLessThanOrEqual(text.length)
          expect(found.windows).toBeLessThanOrEqual(text.length / 12 + 2)
        },
      ),
    )
  })
})
