import { createStyle } from '@hadal/output'
import { expect, it } from 'vitest'
import { fieldChangeLines } from './field-change-lines.ts'

it('shows of long texts where they differ', () => {
  const query = (model: string): string => `sum(${'x'.repeat(200)}{model="${model}"}) + ${'y'.repeat(200)}`
  const lines = fieldChangeLines({ path: 'q', before: query('a'), after: query('b') }, createStyle(false), 80)
  expect(lines[1]).toContain('model="a"')
  expect(lines[2]).toContain('model="b"')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
})
