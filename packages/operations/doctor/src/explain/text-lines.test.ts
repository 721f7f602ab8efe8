import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineCount, piecesOf, textLines } from './text-lines.ts'

const lines = (text: string): readonly (readonly [number, string])[] =>
  [...textLines(text)].map((line) => [line.number, line.text])

describe('textLines', () => {
  it('counts as an editor does', () => {
    expect(lines('a\n\nb')).toEqual([
      [1, 'a'],
      [2, ''],
      [3, 'b'],
    ])
    expect(lines('a\n')).toEqual([[1, 'a']])
    expect(lines('')).toEqual([])
  })

  it('reads line ends of Windows and of old Macs', () => {
    expect(lines('a\r\nb\r\n')).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(lines('a\rb')).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
  })

  it('takes what a bar of progress drew for lines of the same number', () => {
    expect(lines('10%\r20%\rboom\nnext')).toEqual([
      [1, '10%'],
      [1, '20%'],
      [1, 'boom'],
      [2, 'next'],
    ])
  })

  it('leaves out colours, titles and other things of terminals', () => {
    expect(lines('\ufeff\u001b[1;31mbo\u001b[0mom\u001b]0;title\u0007\u0000!')).toEqual([[1, 'boom!']])
  })

  it('numbers lines like split', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'b', ' ') }), (text) => {
        if (!text.includes('\n')) return
        const wanted = text.split('\n')
        if (wanted.at(-1) === '') wanted.pop()
        expect(lines(text)).toEqual(wanted.map((line, index) => [index + 1, line]))
        expect(lineCount(text)).toBe(wanted.length)
      }),
    )
  })
})

describe('piecesOf', () => {
  it('cuts a long line so that what is on a cut is in a piece', () => {
    const line = `${'x'.repeat(4090)}CUDA out of memory${'y'.repeat(9000)}`
    const pieces = piecesOf(line)
    expect(pieces.every(({ length }) => length <= 4096)).toBe(true)
    expect(pieces.some((piece) => piece.includes('CUDA out of memory'))).toBe(true)
    expect(pieces.at(-1)).toBe(line.slice(-pieces.at(-1)!.length))
  })
})
