import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type BadRow, DocumentReader, type LocatedDocument, type ReadOptions } from './document-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-reader-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(name: string, content: string | Uint8Array, options: ReadOptions = {}) {
  const path = join(folder, name)
  writeFileSync(path, content)
  using reader = new DocumentReader(path, options)
  const found: LocatedDocument[] = []
  for (let row = reader.next(); row !== undefined; row = reader.next()) found.push(row)
  return {
    path,
    skipped: reader.skipped,
    found: found.map(({ document, line }) => ['text' in document ? document.text : '(chat)', line]),
  }
}

const rows = '{"text": "one"}\n\n{"text": 2}\n{"text": "three"}\r\nnonsense\n{"text": "six"}'

describe('DocumentReader', () => {
  it('names a bad row by file and line, and stops there', () => {
    expect(() => read('a.jsonl', rows)).toThrow(
      expect.objectContaining({
        code: 'nn_data_row_invalid',
        message: `${join(folder, 'a.jsonl')}:3: text must be a string, got the number 2`,
        facts: { line: 3 },
      }),
    )
  })

  it('skips, counts and reports a bad row with onBadRow skip', () => {
    const reported: BadRow[] = []
    const { path, found, skipped } = read('a.jsonl', rows, {
      onBadRow: 'skip',
      onSkipped: (row) => reported.push(row),
    })
    expect(found).toEqual([
      ['one', 1],
      ['three', 4],
      ['six', 6],
    ])
    expect(skipped).toBe(2)
    expect(reported.map(({ path, line }) => [path, line])).toEqual([
      [path, 3],
      [path, 5],
    ])
  })

  it('reads plain text whole, by paragraph or by line', () => {
    const text = '\none\ntwo\n\n \nthree\n\n'
    const units = (textUnit: 'file' | 'paragraph' | 'line') => read('a.txt', text, { textUnit }).found
    expect(units('file')).toEqual([['one\ntwo\n\n \nthree', 2]])
    expect(units('paragraph')).toEqual([
      ['one\ntwo', 2],
      ['three', 6],
    ])
    expect(units('line')).toEqual([
      ['one', 2],
      ['two', 3],
      ['three', 6],
    ])
  })

  it('leaves out text that is none, whole', () => {
    const broken = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xc3, 0x28]), Buffer.from('\nb\n\nc\n')])
    const { found, skipped } = read('b.txt', broken, { textUnit: 'paragraph', onBadRow: 'skip' })
    expect([found, skipped]).toEqual([[['c', 5]], 1])
    expect(() => read('b.txt', broken)).toThrow(/b\.txt:1: line 2: the line is not UTF-8/)
  })

  it('finds nothing in empty files', () => {
    for (const name of ['empty.jsonl', 'empty.txt']) {
      expect(read(name, '').found).toEqual([])
      expect(read(name, ' \n\n').found).toEqual([])
    }
  })

  it('accounts for every line that is not blank, whatever bytes a file holds', () => {
    const good = fc.string({ minLength: 1 }).map((text) => Buffer.from(JSON.stringify({ text })))
    const bytes = fc
      .uint8Array({ maxLength: 40 })
      .map((raw) => Buffer.from(raw.map((byte) => (byte === 10 ? 11 : byte))))
    const line = fc.oneof(good, bytes, fc.constant(Buffer.alloc(0)))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { found, skipped } = read(
          'fuzz.jsonl',
          Buffer.concat(lines.flatMap((each) => [each, Buffer.from('\n')])),
          {
            onBadRow: 'skip',
          },
        )
        const blank = lines.filter(
          (each) =>
            each
              .toString('utf8')
              .replace(/^\u{FEFF}/u, '')
              .trim() === '',
        )
        expect(found.length + skipped).toBe(lines.length - blank.length)
        expect(found.length).toBeGreaterThanOrEqual(lines.filter((each) => each[0] === 0x7b).length - skipped)
      }),
      { numRuns: 200 },
    )
  })
})
