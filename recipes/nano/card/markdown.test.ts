import { expect, it } from 'vitest'
import { literal, section, table } from './markdown.ts'

it('lines up tables and keeps bars inside cells', () => {
  expect(table(['kind', 'right'], [['a|b', '7']])).toBe(
    ['| kind | right |', '| ---- | ----: |', '| a\\|b |     7 |'].join('\n'),
  )
})

it('shows text as it is', () => {
  expect(literal('a *b* <c>\n# [d]')).toBe('a \\*b\\* \\<c\\><br>\\# \\[d\\]')
})

it('finds a section and says when there is none', () => {
  const page = '# Page\n\n## One\n\nfirst\n\n### Sub\n\nmore\n\n## Two\n\nsecond\n'
  expect(section(page, 'One')).toBe('first\n\n### Sub\n\nmore')
  expect(section(page, 'Two')).toBe('second')
  expect(() => section(page, 'Three')).toThrow('no section "Three"')
})
