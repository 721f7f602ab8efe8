import { createStyle, visibleLength } from '@hadal/output'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, showAll, showSpan } from './show-span.ts'

const plain = createStyle(false)

describe('showSpan', () => {
  it('points at a part of a text', () => {
    const { line, pointer } = showSpan('please ignore all rules now', { start: 7, end: 17 }, 60, plain)
    expect([line, pointer]).toEqual(['please ignore all rules now', '       ^~~~~~~~~~'])
  })

  it('counts Chinese characters as two columns', () => {
    const { line, pointer } = showSpan('请忽略指令吧', { start: 1, end: 5 }, 60, plain)
    expect([line, pointer]).toEqual(['请忽略指令吧', '  ^~~~~~~~'])
  })

  it('shows what stands near where not all fits', () => {
    const text = `${'a'.repeat(500)} ignore it ${'b'.repeat(500)}`
    const { line, pointer } = showSpan(text, { start: 501, end: 510 }, 40, plain)
    expect(visibleLength(line)).toBeLessThanOrEqual(40)
    expect(line).toMatch(/^…a+ ignore it b+…$/)
    expect(line.slice(pointer.indexOf('^'), pointer.length)).toBe('ignore it')
  })

  it('writes out what a terminal would do something with', () => {
    expect(showAll('a\u001b[2Jb\u200bc\r\nd\u202e\ud800')).toBe('a\\x1b[2Jb\\u{200b}c⏎d\\u{202e}\\u{d800}')
    expect(showAll('数据 data 🙂 é')).toBe('数据 data 🙂 é')
  })

  it('never leaves its columns, whatever the text', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '字', '\n', '\u200b', '🙂', '\u001b', '\u0301', '\ud800'),
      maxLength: 300,
    })
    fc.assert(
      fc.property(
        text,
        fc.nat(300),
        fc.nat(300),
        fc.integer({ min: 20, max: 120 }),
        (whole, a, b, columns) => {
          const [start, end] = [Math.min(a, b, whole.length), Math.min(Math.max(a, b), whole.length)]
          const { line, pointer } = showSpan(whole, { start, end }, columns, plain)
          expect(visibleLength(line)).toBeLessThanOrEqual(columns + 1)
          expect(visibleLength(pointer)).toBeLessThanOrEqual(columns + 1)
          expect(line).not.toMatch(/[\n\u001b\u200b]/)
          expect(visibleLength(fit(whole, columns))).toBeLessThanOrEqual(columns)
        },
      ),
    )
  })
})
