import { expect, it } from 'vitest'
import { ScreenedBefore } from './screened-before.ts'

it('tells texts apart to the last unit, and by who says them to whom', () => {
  const before = new ScreenedBefore()
  const digests = [
    before.digest('a', 'user', 'hi'),
    before.digest('b', 'user', 'hi'),
    before.digest('a', 'tool', 'hi'),
    before.digest('a', 'user', '\ud800'),
    before.digest('a', 'user', '\ud801'),
    before.digest('a', 'user', '\ufffd'),
  ]
  expect(new Set(digests).size).toBe(digests.length)
  expect(before.digest('a', 'user', 'hi')).toBe(digests[0])
})

it('forgets first what was not asked for the longest', () => {
  const before = new ScreenedBefore()
  before.add('kept', 'instead')
  before.add('forgotten', undefined)
  for (let at = 0; at < 16_383; at += 1) {
    before.find('kept')
    before.add(`${at}`, undefined)
  }
  expect(before.find('kept')).toEqual({ instead: 'instead' })
  expect(before.find('forgotten')).toBeUndefined()
  before.add('long', 'x'.repeat(100_000))
  expect(before.find('long')).toBeUndefined()
})
