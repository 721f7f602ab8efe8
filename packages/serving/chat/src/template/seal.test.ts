import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlPattern, hasControlToken, Seal, stringsIn } from './seal.ts'

const tokens = ['<s>', '<|im_start|>', '<|im_end|>', '[INST]', '🙂🙂', 'aa', '<|im', 'x']
const scrap = fc.oneof(
  fc.constantFrom(...tokens, '\u{E000}', '<', '|', '🙂', 'a'),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const text = fc.array(scrap, { maxLength: 12 }).map((all) => all.join(''))

describe('a seal', () => {
  it('leaves no control token in any piece, and changes nothing else', () => {
    const pattern = controlPattern(tokens)!
    fc.assert(
      fc.property(text, (written) => {
        const seal = new Seal(pattern, [written])
        const pieces = seal.cut(seal.text(written))
        expect(pieces.join('')).toBe(written)
        for (const piece of pieces) expect(hasControlToken(pattern, piece), piece).toBe(false)
      }),
      { numRuns: 3000 },
    )
  })

  it('has a short mark, whatever texts are made of', () => {
    const pattern = controlPattern(tokens)!
    const { mark } = new Seal(pattern, [])
    const hostile = ['\u{E000}'.repeat(100_000), mark.repeat(1000), mark.slice(0, -1), mark.slice(1)]
    for (const written of hostile) {
      const seal = new Seal(pattern, [written])
      expect(seal.mark.length).toBeLessThan(10)
      expect(written).not.toContain(seal.mark)
      const sealed = `${written}<s>${written}`
      expect(seal.cut(seal.text(sealed)).join('')).toBe(sealed)
    }
  })

  it('keeps to data', () => {
    const pattern = controlPattern(tokens)!
    const data = JSON.parse('{"<s>": ["<s>", 1, null, true], "__proto__": {"a": "<s>"}}') as unknown
    const seal = new Seal(pattern, stringsIn(data))
    const mark = seal.mark
    expect(JSON.stringify(seal.all(data))).toBe(
      `{"<${mark}s>":["<${mark}s>",1,null,true],"__proto__":{"a":"<${mark}s>"}}`,
    )
  })

  it('has nothing to do where no token can be cut', () => {
    expect(controlPattern([])).toBeUndefined()
    expect(controlPattern(['x', '🙂'])).toBeUndefined()
  })
})
