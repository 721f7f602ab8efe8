import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visibleLength } from './style.ts'
import { formatTable } from './table.ts'
import { cutText, wrapText } from './wrap-text.ts'

const word = fc.stringMatching(/^[a-z]{1,9}$/)
const chinese = fc.array(fc.constantFrom(...'模型批处理词元，。：（）、“”'), { minLength: 1, maxLength: 12 })
const text = fc
  .array(
    fc.oneof(
      word,
      chinese.map((characters) => characters.join('')),
    ),
    { maxLength: 20 },
  )
  .chain((parts) =>
    fc.array(fc.constantFrom(' ', ''), { minLength: parts.length, maxLength: parts.length }).map((glue) =>
      parts
        .map((part, at) => part + glue[at])
        .join('')
        // No space in Chinese text.
        .replace(/ +(?=[，。：）、”])|(?<=[（“]) +/g, ''),
    ),
  )

describe('lines', () => {
  it('lose nothing, begin with nothing that closes, end with nothing that opens, and are as wide as they may be', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 60 }), (given, columns) => {
        const lines = wrapText(given, columns)
        const bare = (said: string): string => said.replaceAll(' ', '')
        expect(bare(lines.join(''))).toBe(bare(given))
        for (const line of lines.slice(1)) expect(line).not.toMatch(/^[，。：）、”]/)
        for (const line of lines.slice(0, -1))
          if (/[\p{Script=Han}a-z]/u.test(line)) expect(line).not.toMatch(/[（“]$/)
        for (const line of lines.filter((each) => visibleLength(each) > columns))
          expect(line).not.toMatch(/[\p{Script=Han}] ?[\p{Script=Han}]|[a-z] [a-z]/u)
      }),
    )
  })

  it('of English break at spaces alone', () => {
    expect(wrapText('one two three-four five', 12, '  ')).toEqual(['  one two', '  three-four', '  five'])
  })

  it('of Chinese break between characters, but words in them stay whole', () => {
    expect(wrapText('提供 OpenAI 兼容接口（含流式输出）。', 12)).toEqual([
      '提供 OpenAI',
      '兼容接口（含',
      '流式输出）。',
    ])
  })

  it('that are cut fit, with what they begin with', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 60 }), (given, columns) => {
        const cut = cutText(given, columns)
        expect(visibleLength(cut)).toBeLessThanOrEqual(columns)
        expect(given.startsWith(cut.replace(/…$/, ''))).toBe(true)
      }),
    )
  })
})

it('columns of a table begin at the same place, whatever characters they hold', () => {
  const cell = fc.oneof(
    word,
    chinese.map((characters) => characters.join('')),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, word), { minLength: 1, maxLength: 6 }), (rows) => {
      const lines = formatTable(rows, ['left', 'left']).split('\n')
      const begins = lines.map((line, at) => visibleLength(line) - visibleLength(rows[at]![1]))
      expect(new Set(begins).size).toBe(1)
    }),
  )
})
