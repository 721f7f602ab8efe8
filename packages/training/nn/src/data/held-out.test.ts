import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isHeldOut } from './held-out.ts'

it('holds out about the requested share', () => {
  const held = Array.from({ length: 5000 }, (_, i) => isHeldOut({ text: `document ${i}` }, 0.1))
  expect(held.filter(Boolean).length / 5000).toBeCloseTo(0.1, 1)
  expect(isHeldOut({ text: 'x' }, 0)).toBe(false)
})

it('a larger share holds out all that a smaller one does', () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 0.99, noNaN: true }), (text, share) => {
      if (isHeldOut({ text }, share / 2)) expect(isHeldOut({ text }, share)).toBe(true)
    }),
  )
})

it('decides as it always has', () => {
  const messages = [{ role: 'assistant', content: 'hi' }]
  const share = (held: (share: number) => boolean): number =>
    Array.from({ length: 100 }, (_, i) => held(i / 100)).indexOf(true)
  expect([
    share((s) => isHeldOut({ text: 'one' }, s)),
    share((s) => isHeldOut({ text: 'two' }, s)),
    share((s) => isHeldOut({ messages }, s)),
  ]).toEqual([47, 25, 32])
})
