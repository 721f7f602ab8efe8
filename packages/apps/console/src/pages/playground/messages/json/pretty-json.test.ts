import fc from 'fast-check'
import { expect, it } from 'vitest'
import { prettyJson } from './pretty-json.ts'

it('whole JSON is written as JSON.stringify writes it with two blanks', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(prettyJson(text)).toBe(
        JSON.stringify(
          JSON.parse(text, (_, value) => value),
          null,
          2,
        ),
      )
    }),
  )
})

it('unfinished JSON is written as far as it goes', () => {
  expect(prettyJson('{"city": "Par')).toBe('{\n  "city": "Par')
  expect(prettyJson('{"a": [1, {"b": "x\\"y')).toBe('{\n  "a": [\n    1,\n    {\n      "b": "x\\"y')
  expect(prettyJson('{"a": "\\')).toBe('{\n  "a": "\\')
})

it('what is no JSON loses nothing but blanks', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bare = (each: string): string => each.replace(/[ \t\r\n]/g, '')
      expect(bare(prettyJson(text))).toBe(bare(text))
    }),
  )
  expect(prettyJson('['.repeat(5_000)).length).toBeLessThan(500_000)
})
