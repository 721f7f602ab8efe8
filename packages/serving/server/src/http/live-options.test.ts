import { expect, it } from 'vitest'
import { defaultLimits } from './limits.ts'
import { LiveOptions } from './live-options.ts'

it('what is named changes, for those who hold a view of it, too; the rest stays', () => {
  const live = new LiveOptions({ apiKeys: ['a'], limits: { maxBodyBytes: 1 }, defaults: { maxTokens: 1 } })
  const { view, limits, defaults } = live
  expect([view.apiKeys, view.slots, limits.maxBodyBytes, limits.maxHeaders]).toEqual([
    ['a'],
    true,
    1,
    defaultLimits.maxHeaders,
  ])
  live.change({ slots: false, limits: { maxBodyBytes: 2 }, defaults: { sampling: { temperature: 0 } } })
  expect([view.apiKeys, view.slots, limits.maxBodyBytes]).toEqual([['a'], false, 2])
  expect({ ...defaults }).toEqual({ sampling: { temperature: 0 } })
  live.change({ apiKeys: undefined })
  expect(live.now.apiKeys).toEqual([])
})

it('what must not be is not', () => {
  const live = new LiveOptions({ apiKeys: ['a'] })
  expect(() =>
    live.change({ apiKeys: [], slots: false }, ({ apiKeys }) => {
      if (apiKeys.length === 0) throw new Error('no keys')
    }),
  ).toThrow('no keys')
  expect([live.now.apiKeys, live.now.slots]).toEqual([['a'], true])
})
