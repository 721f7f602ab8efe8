import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { LocatedDocument } from './document-reader.ts'
import { DocumentStream, type DocumentStreamOptions } from './document-stream.ts'
import { isHeldOut } from './held-out.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-stream-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Rows are numbered through all files; a bad one follows every seventh. */
function write(name: string, rowsOfFiles: readonly number[]): string[] {
  let next = 0
  return rowsOfFiles.map((count, index) => {
    const path = join(folder, `${name}-${index}.jsonl`)
    const rows = Array.from({ length: count }, () => {
      next += 1
      return `${JSON.stringify({ text: `row ${next}` })}\n${next % 7 === 0 ? 'bad\n' : ''}`
    })
    writeFileSync(path, rows.join(''))
    return path
  })
}

const textOf = (located: LocatedDocument | undefined): string =>
  located === undefined ? '(end)' : 'text' in located.document ? located.document.text : '(chat)'

const take = (stream: DocumentStream, count: number): string[] =>
  Array.from({ length: count }, () => textOf(stream.next()))

const open = (files: readonly string[], options: Partial<DocumentStreamOptions> = {}): DocumentStream =>
  new DocumentStream({ files, onBadRow: 'skip', ...options })

describe('DocumentStream', () => {
  const shape = fc.record({
    files: fc
      .array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 })
      .filter((all) => all.some((n) => n > 0)),
    seed: fc.integer(),
    shuffleBuffer: fc.integer({ min: 0, max: 9 }),
    validShare: fc.constantFrom(0, 0.3),
  })

  it('gives every document once an epoch', () => {
    fc.assert(
      fc.property(shape, ({ files: rows, ...options }) => {
        const count = rows.reduce((sum, each) => sum + each, 0)
        const stream = open(write('once', rows), { ...options, validShare: 0 })
        const all = Array.from({ length: count }, (_, i) => `row ${i + 1}`).sort()
        for (let epoch = 0; epoch < 3; epoch += 1) {
          expect(take(stream, count).sort()).toEqual(all)
          expect(stream.epoch).toBe(epoch)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('goes on from a state as if it had never stopped, wherever it stopped', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.nat(15), { minLength: 1, maxLength: 4 }),
        ({ files: rows, ...options }, stops) => {
          const files = write('resume', rows)
          const all = Array.from(
            { length: rows.reduce((sum, each) => sum + each, 0) },
            (_, i) => `row ${i + 1}`,
          )
          fc.pre(all.some((text) => !isHeldOut({ text }, options.validShare)))
          const whole = open(files, options)
          let stopped = open(files, options)
          for (const stop of stops) {
            expect(take(stopped, stop)).toEqual(take(whole, stop))
            const state = JSON.parse(JSON.stringify(stopped.state))
            stopped = open(files, options)
            stopped.restore(state)
            expect(stopped.counts).toEqual(whole.counts)
            expect(stopped.state).toEqual(whole.state)
          }
          expect(take(stopped, 40)).toEqual(take(whole, 40))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('shuffles: in another order each epoch and for each seed, and not at all without a buffer', () => {
    const files = write('order', [30, 30])
    const stream = open(files, { shuffleBuffer: 25 })
    const first = take(stream, 60)
    expect(take(stream, 60)).not.toEqual(first)
    expect(take(open(files, { shuffleBuffer: 25, seed: 2 }), 60)).not.toEqual(first)
    expect(take(open(files, { shuffleBuffer: 25 }), 60)).toEqual(first)
    expect(take(open(files, { shuffleBuffer: 0 }), 60)).toEqual(
      Array.from({ length: 60 }, (_, i) => `row ${i + 1}`),
    )
  })

  it('ends after the requested number of epochs, counts rows, and stays at its end', () => {
    const stream = open(write('ends', [14]), { epochs: 2 })
    expect(take(stream, 30).filter((text) => text === '(end)')).toHaveLength(2)
    expect(stream.counts).toEqual({ rows: 28, skipped: 4 })
    const again = open(write('ends', [14]), { epochs: 2 })
    again.restore(stream.state)
    expect(again.next()).toBeUndefined()
  })

  it('divides documents between the parts, the same for any order of files', () => {
    const files = write('parts', [40, 30])
    const part = (part: 'train' | 'valid', order = files): string[] => {
      const stream = open(order, { part, validShare: 0.25, epochs: 1, shuffleBuffer: 8 })
      const found: string[] = []
      for (let row = stream.next(); row !== undefined; row = stream.next()) found.push(textOf(row))
      return found.sort()
    }
    const valid = part('valid')
    expect(valid.length).toBeGreaterThan(5)
    expect([...part('train'), ...valid].sort()).toHaveLength(70)
    expect(new Set([...part('train'), ...valid]).size).toBe(70)
    expect(part('valid', [...files].reverse())).toEqual(valid)
  })

  it('refuses files in which there is nothing, rather than reading them for ever', () => {
    const empty = expect.objectContaining({ code: 'nn_data_empty' })
    expect(() => open([])).toThrow(empty)
    expect(() => open(write('empty', [0, 0])).next()).toThrow(empty)
    const bad = join(folder, 'bad.jsonl')
    writeFileSync(bad, 'bad\nworse\n')
    expect(() => open([bad]).next()).toThrow(/they contain no rows, 2 bad ones left out/)
    expect(() => open([bad], { onBadRow: 'fail' }).next()).toThrow(
      expect.objectContaining({ code: 'nn_data_row_invalid' }),
    )
    expect(() => open(write('few', [1]), { part: 'valid', validShare: 1e-9 }).next()).toThrow(
      /none of 1 rows is of the part valid/,
    )
  })

  it('refuses a state of other data, of the same read otherwise, and options that make no sense', () => {
    const files = write('state', [20])
    const { state } = open(files)
    const mismatch = expect.objectContaining({ code: 'nn_data_state_mismatch' })
    expect(() => open(files, { seed: 9 }).restore(state)).toThrow(mismatch)
    expect(() => open(write('other', [20])).restore(state)).toThrow(mismatch)
    expect(() => open(files).restore({ ...state, taken: 99 })).toThrow(
      /row 99 of its buffer no longer exists/,
    )
    expect(() => open(files, { seed: 0.5, shuffleBuffer: -1, validShare: 1, epochs: 0 })).toThrow(
      expect.objectContaining({
        code: 'nn_data_options_invalid',
        message: expect.stringMatching(/have 4 error/),
      }),
    )
    expect(() => open(files, { part: 'valid' })).toThrow(/validShare is 0/)
    expect(() => open([join(folder, 'none.jsonl')])).toThrow(
      expect.objectContaining({ code: 'nn_data_file_unreadable' }),
    )
  })
})
