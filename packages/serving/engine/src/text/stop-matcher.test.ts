import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StopMatcher } from './stop-matcher.ts'

const run = (stops: readonly string[], pieces: readonly string[]) => {
  const matcher = new StopMatcher(stops)
  let text = ''
  for (const piece of pieces) {
    const step = matcher.push(piece)
    text += step.text
    if (step.stopString !== undefined) return { text, stopString: step.stopString }
  }
  return { text: text + matcher.flush() }
}

describe('StopMatcher', () => {
  it('finds a stop string that came in pieces', () => {
    expect(run(['</end>'], ['hi <', '/e', 'n', 'd> there'])).toEqual({ text: 'hi ', stopString: '</end>' })
  })

  it('gives back what only looked like one', () => {
    expect(run(['</end>'], ['hi </e', 'm>'])).toEqual({ text: 'hi </em>' })
    expect(run(['</end>'], ['hi </en'])).toEqual({ text: 'hi </en' })
  })

  it('holds back no more than it must', () => {
    const matcher = new StopMatcher(['abab'])
    expect(matcher.push('xaba')).toEqual({ text: 'x' })
    expect(matcher.push('a')).toEqual({ text: 'aba' })
  })

  it('takes the stop string that is complete first, the longest of those that end together', () => {
    expect(run(['abcd', 'bc'], ['abcd'])).toEqual({ text: 'a', stopString: 'bc' })
    expect(run(['bc', 'abc'], ['xabc'])).toEqual({ text: 'x', stopString: 'abc' })
  })

  it('ignores empty stop strings', () => expect(run([''], ['a'])).toEqual({ text: 'a' }))

  const letters = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength, maxLength })

  it('gives the same result however the text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(letters(1, 4), { maxLength: 3 }),
        fc.array(letters(0, 5), { maxLength: 12 }),
        (stops, pieces) => {
          const whole = pieces.join('')
          const result = run(stops, pieces)
          expect(result).toEqual(run(stops, [...whole]))
          expect(result).toEqual(run(stops, [whole]))
          if (result.stopString === undefined) expect(result.text).toBe(whole)
          else expect(whole.startsWith(result.text + result.stopString)).toBe(true)
          for (const stop of stops) expect(result.text).not.toContain(stop)
        },
      ),
    )
  })
})
