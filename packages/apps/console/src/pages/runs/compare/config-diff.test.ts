import { expect, it } from 'vitest'
import { configDiff } from './config-diff.ts'

it('says setting by setting what configurations say otherwise', () => {
  const rows = configDiff([
    { seed: 1, schedule: { peak: 0.1, steps: 5 }, prompts: [1, 2], adapter: {} },
    { seed: 2, schedule: { peak: 0.1 }, prompts: [1, 2], guard: false },
    undefined,
  ])
  expect(rows.map(({ key }) => key)).toEqual([
    'adapter',
    'guard',
    'prompts',
    'schedule.peak',
    'schedule.steps',
    'seed',
  ])
  expect(rows.find(({ key }) => key === 'seed')!.values).toEqual(['1', '2', undefined])
  expect(rows.every(({ isSame }) => !isSame)).toBe(true)
  expect(configDiff([{ a: { b: 1 } }, { a: { b: 1 } }])).toEqual([
    { key: 'a.b', values: ['1', '1'], isSame: true },
  ])
})
