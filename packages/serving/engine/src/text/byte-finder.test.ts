import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteFinder, type Search } from './byte-finder.ts'

const search = (finder: ByteFinder, pieces: readonly Uint8Array[]): string | undefined => {
  let state: Search = finder.begin
  for (const [index, piece] of pieces.entries()) {
    state = finder.push(state, piece)
    if ('from' in state) return Buffer.concat([state.from, ...pieces.slice(index + 1)]).toString('latin1')
  }
  return undefined
}

describe('ByteFinder', () => {
  it('finds a text across pieces and says what came from there on', () => {
    const pieces = ['one</th', 'in', 'k>two'].map((text) => Buffer.from(text))
    expect(search(new ByteFinder(['</think>', 'zzz']), pieces)).toBe('</think>two')
    expect(search(new ByteFinder(['</thinks>']), pieces)).toBeUndefined()
    expect(search(new ByteFinder(['']), pieces)).toBeUndefined()
  })

  it('takes the one that ends first, of those the longest', () => {
    expect(search(new ByteFinder(['abcd', 'bc', 'abc']), [Buffer.from('xabcde')])).toBe('abcde')
  })

  it('finds the same however the text is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 20 })
    fc.assert(
      fc.property(
        text,
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(40)),
        (text, wanted, cuts) => {
          const finder = new ByteFinder(wanted.map((each) => each.slice(0, 4)))
          const bytes = Buffer.from(text)
          const at = [
            0,
            ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
            bytes.length,
          ]
          const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
          const single = [...bytes].map((byte) => Uint8Array.of(byte))
          expect(search(finder, pieces)).toBe(search(finder, single))
        },
      ),
    )
  })
})
