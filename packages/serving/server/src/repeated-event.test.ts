import fc from 'fast-check'
import { expect, it } from 'vitest'
import { repeatedEvent } from './repeated-event.ts'

it('is what would have been written, whatever the text and what stands around it', () => {
  const unit = fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\u2028', '\ud83d', '\u0000'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  )
  fc.assert(
    fc.property(fc.string({ unit }), fc.array(fc.string({ unit })), (model, texts) => {
      const write = (text: string): string => JSON.stringify({ model, delta: { text }, after: model })
      const repeated = repeatedEvent(write)
      expect(texts.map(repeated)).toEqual(texts.map(write))
    }),
  )
})

it('writes what stands around the text once', () => {
  let written = 0
  const repeated = repeatedEvent((text) => {
    written += 1
    return JSON.stringify([text])
  })
  expect(['a', 'b', 'c'].map(repeated)).toEqual(['["a"]', '["b"]', '["c"]'])
  expect(written).toBe(1)
})
