import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backwards, Origin, Weave, type Woven } from './origin.ts'

/** Operations applied in order: kinds and lengths. */
const steps = fc.array(
  fc.tuple(fc.constantFrom('keep', 'swap', 'replace', 'drop', 'mirror'), fc.integer({ min: 1, max: 5 })),
  { maxLength: 12 },
)

interface Naive {
  readonly text: string
  /** Source units of each unit. */
  readonly from: readonly (readonly number[])[]
}

/** Reference implementation: weaves and records each unit's source. */
function woven(source: string, todo: readonly (readonly [string, number])[]): [Woven, Naive] {
  const weave = new Weave(source)
  const from: number[][] = []
  let text = ''
  let at = 0
  for (const [kind, wanted] of todo) {
    const end = Math.min(source.length, at + wanted)
    if (end === at) break
    const all = Array.from({ length: end - at }, (_, unit) => at + unit)
    if (kind === 'swap') {
      weave.swap(at, end, 'x'.repeat(end - at))
      text += 'x'.repeat(end - at)
      for (const unit of all) from.push([unit])
    } else if (kind === 'replace') {
      weave.replace(at, end, 'yz')
      text += 'yz'
      from.push(all, all)
    } else if (kind === 'drop') weave.drop(at, end)
    else if (kind === 'mirror') {
      weave.mirror(at, end)
      text += [...source.slice(at, end)].reverse().join('')
      for (const unit of all.toReversed()) from.push([unit])
    } else {
      text += source.slice(at, end)
      for (const unit of all) from.push([unit])
    }
    at = end
  }
  text += source.slice(at)
  for (let unit = at; unit < source.length; unit += 1) from.push([unit])
  return [weave.finish(), { text, from }]
}

const ascii = fc.string({ minLength: 1, maxLength: 40 })

describe('Origin', () => {
  it('gives the least span that a span comes from', () => {
    fc.assert(
      fc.property(ascii, steps, fc.nat(60), fc.nat(60), (source, todo, a, b) => {
        const [{ text, origin }, naive] = woven(source, todo)
        expect(text).toBe(naive.text)
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)]
        if (start === end) return
        const units = naive.from.slice(start, end).flat()
        expect(origin.spanOf({ start, end })).toEqual({
          start: Math.min(...units),
          end: Math.max(...units) + 1,
        })
      }),
    )
  })

  it('holds what a span comes from through two texts', () => {
    fc.assert(
      fc.property(ascii, steps, steps, fc.nat(60), fc.nat(60), (source, first, second, a, b) => {
        const [inner, naiveInner] = woven(source, first)
        const [outer, naiveOuter] = woven(inner.text, second)
        const origin = outer.origin.within(inner.origin)
        const [start, end] = [Math.min(a, b, outer.text.length), Math.min(Math.max(a, b), outer.text.length)]
        if (start === end) return
        const units = naiveOuter.from
          .slice(start, end)
          .flat()
          .flatMap((unit) => naiveInner.from[unit]!)
        const span = origin.spanOf({ start, end })
        expect(span.start).toBeLessThanOrEqual(Math.min(...units))
        expect(span.end).toBeGreaterThan(Math.max(...units))
        expect(span.start).toBeGreaterThanOrEqual(0)
        expect(span.end).toBeLessThanOrEqual(source.length)
        for (const change of origin.changes()) expect(change.end).toBeLessThanOrEqual(outer.text.length)
      }),
    )
  })

  it('holds what was turned around twice, in other parts', () => {
    const [inner] = woven('abcdef', [['mirror', 5]])
    const [outer] = woven(inner.text, [
      ['mirror', 4],
      ['mirror', 1],
    ])
    expect(outer.text).toBe('bcdeaf')
    expect(outer.origin.within(inner.origin).spanOf({ start: 0, end: 6 })).toEqual({ start: 0, end: 6 })
  })

  it('cuts spans beyond the text to it', () => {
    const origin = Origin.ofUnchanged(5)
    expect(origin.spanOf({ start: -3, end: 99 })).toEqual({ start: 0, end: 5 })
    expect(origin.spanOf({ start: 4, end: 2 })).toEqual({ start: 4, end: 4 })
    expect(origin.spanOf({ start: Number.NaN, end: Number.NaN })).toEqual({ start: 0, end: 0 })
    expect(Origin.ofUnchanged(0).spanOf({ start: 0, end: 1 })).toEqual({ start: 0, end: 0 })
  })
})

it('a text is turned around character by character, of any length and whatever is in it', () => {
  const character = fc.constantFrom('a', '忽', '🙂', '\ud83d', '\ude42', '\n')
  fc.assert(
    fc.property(fc.array(character, { maxLength: 200 }), (characters) => {
      const text = characters.join('')
      expect(backwards(text)).toBe([...text].reverse().join(''))
    }),
  )
})
