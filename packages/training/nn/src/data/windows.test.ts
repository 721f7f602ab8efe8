import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ignoreIndex } from '../loss.ts'
import { countTargets, type MaskedTokens, packExamples, packStream, selectWindows } from './windows.ts'

const end = 0
const document = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 20 })
const example = fc
  .array(fc.record({ token: fc.integer({ min: 1, max: 99 }), learn: fc.boolean() }), { maxLength: 12 })
  .map(
    (items): MaskedTokens => ({
      tokens: items.map(({ token }) => token),
      learn: items.map(({ learn }) => learn),
    }),
  )

describe('packStream', () => {
  it('asks for every token but the first once, in order, up to the tail that fills no window', () => {
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 8, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (docs, length) => {
          const stream = docs.flatMap((tokens) => [...tokens, end])
          const windows = packStream(docs, length, end)
          expect(windows.count).toBe(Math.floor((stream.length - 1) / length))
          expect([...windows.inputs]).toEqual(stream.slice(0, windows.count * length))
          expect([...windows.targets]).toEqual(stream.slice(1, windows.count * length + 1))
        },
      ),
    )
  })

  it('refuses text that fills no window', () => {
    expect(() => packStream([[1, 2]], 8, end)).toThrow(
      expect.objectContaining({ code: 'nn_nothing_to_pack' }),
    )
  })
})

describe('packExamples', () => {
  it('keeps every example that fits whole, apart from its neighbours, and learns what it should', () => {
    fc.assert(
      fc.property(
        fc.array(example, { maxLength: 20 }),
        fc.integer({ min: 4, max: 10 }),
        (examples, length) => {
          const fitting = examples.filter(
            ({ tokens, learn }) => tokens.length >= 2 && tokens.length <= length + 1 && learn.includes(true),
          )
          fc.pre(fitting.length > 0)
          const windows = packExamples(examples, length, end)
          const found: { inputs: number[]; targets: number[] }[] = []
          for (let window = 0; window < windows.count; window += 1) {
            for (let i = window * length; i < (window + 1) * length; i += 1) {
              const segment = windows.segments![i]!
              if (segment === 0) {
                expect([windows.inputs[i], windows.targets[i]]).toEqual([end, ignoreIndex])
                continue
              }
              const starts = i === window * length || windows.segments![i - 1] !== segment
              if (starts) found.push({ inputs: [], targets: [] })
              found.at(-1)!.inputs.push(windows.inputs[i]!)
              found.at(-1)!.targets.push(windows.targets[i]!)
            }
          }
          expect(found).toEqual(
            fitting.map(({ tokens, learn }) => ({
              inputs: tokens.slice(0, -1),
              targets: tokens.slice(1).map((token, i) => (learn[i + 1] ? token : ignoreIndex)),
            })),
          )
        },
      ),
    )
  })

  it('refuses when nothing fits', () => {
    const long = { tokens: [1, 2, 3, 4], learn: [true, true, true, true] }
    expect(() => packExamples([long], 2, end)).toThrow(
      expect.objectContaining({ code: 'nn_nothing_to_pack' }),
    )
  })
})

it('selectWindows joins windows in the requested order', () => {
  const windows = packExamples(
    [
      { tokens: [1, 2, 3], learn: [false, true, true] },
      { tokens: [4, 5, 6], learn: [false, false, true] },
    ],
    2,
    end,
  )
  const both = selectWindows(windows, [1, 0])
  expect([...both.inputs]).toEqual([4, 5, 1, 2])
  expect([...both.targets]).toEqual([ignoreIndex, 6, 2, 3])
  expect([...both.segments!]).toEqual([1, 1, 1, 1])
  expect(countTargets(both)).toBe(3)
})
