import { expect, it } from 'vitest'
import { priceSettings } from './price-setting.ts'

const read = (given: string) => priceSettings.schema.safeParse(priceSettings.read(given))

it('prices are read from JSON, and shown as it', () => {
  const text = '{"qwen*":{"input":0.4,"cachedInput":0.1,"output":1.2},"nano":{"input":0,"output":0}}'
  expect(priceSettings.show!(read(text).data!)).toBe(text)
})

it.each([
  '',
  '1',
  '[]',
  '{"a":1}',
  '{"a":{"input":1}}',
  '{"a":{"input":-1,"output":1}}',
  '{"a":{"input":1,"output":1,"ouput":2}}',
  '{"":{"input":1,"output":1}}',
])('what is none is refused: %s', (given) => expect(read(given).success).toBe(false))
