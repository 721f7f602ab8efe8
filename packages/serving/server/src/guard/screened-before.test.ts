import { expect, it } from 'vitest'
import { ScreenedBefore } from './screened-before.ts'

it('distinguishes texts to the last code unit, and by scope and role', () => {
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

const policy = {}
const letThrough = (instead?: string) => ({ instead, policy, at: 0 })

it('evicts the least recently used text first', () => {
  const before = new ScreenedBefore()
  before.add('kept', letThrough('instead'))
  before.add('forgotten', letThrough())
  for (let at = 0; at < 16_383; at += 1) {
    before.find('kept', policy, 0)
    before.add(`${at}`, letThrough())
  }
  expect(before.find('kept', policy, 0)).toMatchObject({ instead: 'instead' })
  expect(before.find('forgotten', policy, 0)).toBeUndefined()
  before.add('long', letThrough('x'.repeat(100_000)))
  expect(before.find('long', policy, 0)).toBeUndefined()
})

it('knows nothing of what another policy let through, or for too long, however often it comes', () => {
  const before = new ScreenedBefore()
  before.add('a', letThrough())
  before.add('b', letThrough())
  expect(before.find('a', {}, 0)).toBeUndefined()
  for (let minute = 0; minute < 5; minute += 1)
    expect(before.find('b', policy, minute * 60_000)).toBeDefined()
  expect(before.find('b', policy, 300_000)).toBeUndefined()
})
