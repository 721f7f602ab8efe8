import { expect, it } from 'vitest'
import { liveView } from './live-view.ts'

it('reads, spreads and lists the current properties', () => {
  let now: { a?: number; b?: number } = { a: 1 }
  const view = liveView(() => now)
  expect([view.a, view.b, { ...view }, 'b' in view]).toEqual([1, undefined, { a: 1 }, false])
  now = Object.freeze({ b: 2 })
  expect([view.a, view.b, { ...view }, 'b' in view]).toEqual([undefined, 2, { b: 2 }, true])
  expect(Object.keys(view)).toEqual(['b'])
})
