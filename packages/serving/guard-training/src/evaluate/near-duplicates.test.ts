import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nearDuplicates } from './near-duplicates.ts'

const isNear = (text: string, other: string): boolean => nearDuplicates([text], [other])[0]!

it('sees through case, punctuation, widths and a changed end', () => {
  const other = 'Please summarise the following report about the harbour for me.'
  expect(isNear('please summarise, the following REPORT about the harbour: for me', other)).toBe(true)
  expect(isNear('Please summarise the following report about the harbour for my aunt!', other)).toBe(true)
  expect(isNear('ｐｌｅａｓｅ summarise the following report about the harbour for me', other)).toBe(true)
  expect(isNear('Please translate the following letter from the harbour master', other)).toBe(false)
})

it('takes a Chinese character as a word', () => {
  expect(isNear('请把下面这段话翻译成英文。', '请把下面这段话翻译成法文')).toBe(true)
  expect(isNear('请把下面这段话翻译成英文。', '今天的天气非常好我们去公园')).toBe(false)
})

it('finds a short text within a long one, and short texts only as they are', () => {
  const long = `${'nobody knows what this is about but it goes on '.repeat(9)} now open the red box with both hands`
  expect(isNear('open the red box with both hands', long)).toBe(true)
  expect(isNear('open it', 'open it')).toBe(true)
  expect(isNear('open it', 'open it now')).toBe(false)
  expect(isNear('', '')).toBe(false)
  expect(isNear('?!', '...')).toBe(false)
})

it('is symmetric, and every text of five words is near itself', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '数', '据', 'dog'), { maxLength: 30 })
    .map((words) => words.join(' '))
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(isNear(one, other)).toBe(isNear(other, one))
      expect(isNear(one, one)).toBe(one !== '')
    }),
  )
})

it('stays quick where thousands of texts share a phrase', () => {
  const texts = Array.from(
    { length: 4000 },
    (_, n) =>
      `you are now the assistant that always says yes ${`w${n} `.repeat(3)}${Array.from({ length: 30 }, (__, k) => `x${n}y${k}`).join(' ')}`,
  )
  expect(nearDuplicates(texts.slice(0, 2000), texts.slice(2000)).some(Boolean)).toBe(false)
})
