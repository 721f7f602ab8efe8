import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type Line, LineReader } from './read-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-lines-'))
const path = join(folder, 'lines.txt')
afterAll(() => rmSync(folder, { recursive: true }))

function readAll(from?: { offset: number; line: number }, longest?: number): Line[] {
  using reader = new LineReader(path, from, longest)
  const lines: Line[] = []
  for (let line = reader.next(); line !== undefined; line = reader.next()) lines.push(line)
  return lines
}

it('gives the lines of a file, whatever they are and wherever chunks end', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/[\r\n\u{FEFF}]/gu, '')),
    fc.integer({ min: 65_500, max: 65_600 }).map((length) => 'é'.repeat(length)),
  )
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.boolean(),
      (lines, windows, mark) => {
        writeFileSync(
          path,
          (mark ? '\u{FEFF}' : '') + lines.map((text) => text + (windows ? '\r\n' : '\n')).join(''),
        )
        expect(readAll()).toEqual(lines.map((text, index) => ({ number: index + 1, content: { text } })))
      },
    ),
    { numRuns: 40 },
  )
})

it('goes on from any place it was at', () => {
  writeFileSync(path, 'one\n\ntwo\r\nthree')
  const all = readAll()
  using reader = new LineReader(path)
  for (let taken = 0; taken <= 4; taken += 1) {
    expect(readAll(reader.place)).toEqual(all.slice(taken))
    reader.next()
  }
})

it('says which lines are no text, and goes on after them', () => {
  writeFileSync(
    path,
    Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from('b\n')]),
  )
  expect(readAll().map(({ content }) => content)).toEqual([
    { text: 'a' },
    { issue: 'the line is not UTF-8' },
    { text: 'b' },
  ])
  writeFileSync(path, `${'x'.repeat(200_000)}\nshort\n`)
  expect(readAll(undefined, 100).map(({ content }) => content)).toEqual([
    { issue: 'the line is longer than 100 bytes' },
    { text: 'short' },
  ])
})

it('refuses a file that is not there, or is a folder', () => {
  const unreadable = expect.objectContaining({ code: 'nn_data_file_unreadable' })
  expect(() => new LineReader(join(folder, 'none.txt'))).toThrow(unreadable)
  using reader = new LineReader(folder)
  expect(() => reader.next()).toThrow(unreadable)
})
