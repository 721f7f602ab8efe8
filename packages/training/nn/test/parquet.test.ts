import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isHadalError } from '@hadal/base'
import {
  type BadRow,
  DocumentReader,
  DocumentStream,
  type DocumentStreamOptions,
  type LocatedDocument,
  type ReadOptions,
} from '@hadal/nn'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type ParquetShape, writeConversations, writeTexts } from './write-parquet.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-parquet-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'rows.parquet')

const shownAs = (located: LocatedDocument | undefined): unknown =>
  located === undefined
    ? '(end)'
    : 'text' in located.document
      ? located.document.text
      : located.document.messages

function readAll(options: ReadOptions = {}, file = path): { found: [unknown, number][]; skipped: number } {
  using reader = new DocumentReader(file, options)
  const found: [unknown, number][] = []
  for (let row = reader.next(); row !== undefined; row = reader.next()) found.push([shownAs(row), row.line])
  return { found, skipped: reader.skipped }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `row ${index + 1}`)
const refusal = (code: string, message: string | RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('a Parquet file', () => {
  const shape = fc.record<ParquetShape>({
    codec: fc.constantFrom('UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'),
    pageSize: fc.constantFrom(20, 200, 1_000_000),
    rowGroupSize: fc.integer({ min: 1, max: 50 }),
    encoding: fc.constantFrom('PLAIN', 'RLE_DICTIONARY', 'DELTA_BYTE_ARRAY', 'DELTA_LENGTH_BYTE_ARRAY'),
  })
  const someText = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('the same', 'the same again', 'x'.repeat(300)),
  )

  it('gives its texts, however it was written', () => {
    fc.assert(
      fc.property(fc.array(someText, { maxLength: 60 }), shape, (texts, how) => {
        writeTexts(path, texts, how)
        expect(readAll().found).toEqual(texts.map((text, index) => [text, index + 1]))
      }),
      { numRuns: 40 },
    )
  })

  it('gives its conversations, without what a struct only has for other rows', () => {
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant'),
      content: fc.string({ unit: 'grapheme' }),
      name: fc.constantFrom(null, 'Ann'),
    })
    const conversation = fc
      .array(message, { maxLength: 4 })
      .map((found) => [...found, { role: 'assistant', content: 'yes', name: null }])
    fc.assert(
      fc.property(fc.array(conversation, { maxLength: 20 }), shape, (all, { encoding: _, ...how }) => {
        writeConversations(path, all, how)
        const expected = all.map((messages) =>
          messages.map(({ name, ...rest }) => (name === null ? rest : { ...rest, name })),
        )
        expect(readAll().found).toEqual(expected.map((messages, index) => [messages, index + 1]))
      }),
      { numRuns: 20 },
    )
  })

  it('names a bad row by file and number, and stops there or goes on', () => {
    writeTexts(path, ['one', null, 'three', '', 'five'], { rowGroupSize: 2 })
    expect(() => readAll()).toThrow(
      refusal('nn_data_row_invalid', `${path}:2: text must be a string, got null`),
    )
    const reported: BadRow[] = []
    const { found, skipped } = readAll({ onBadRow: 'skip', onSkipped: (row) => reported.push(row) })
    expect(found).toEqual([
      ['one', 1],
      ['three', 3],
      ['five', 5],
    ])
    expect([skipped, reported.map(({ line, why }) => [line, why])]).toEqual([
      2,
      [
        [2, 'text must be a string, got null'],
        [4, 'text is empty'],
      ],
    ])
    writeConversations(path, [null, [], [{ role: null, content: 'x' }], [{ role: 'user', content: null }]])
    const why: string[] = []
    readAll({ onBadRow: 'skip', onSkipped: (row) => why.push(row.why) })
    expect(why).toEqual([
      'messages must be a list, got null',
      'messages is empty',
      'messages[0].role must be a string, got missing',
      'messages[0].content is missing',
    ])
  })

  it('treats invalid text as an error of its row', () => {
    const broken = Uint8Array.of(0x61, 0xc3, 0x28)
    writeTexts(path, ['one', 'abc', 'three'], { codec: 'UNCOMPRESSED', encoding: 'PLAIN' })
    const bytes = readFileSync(path)
    bytes.set(broken, bytes.indexOf('abc'))
    writeFileSync(path, bytes)
    const { found, skipped } = readAll({ onBadRow: 'skip' })
    expect([found, skipped]).toEqual([
      [
        ['one', 1],
        ['three', 3],
      ],
      1,
    ])
    expect(() => readAll()).toThrow(/rows\.parquet:2: text is not UTF-8/)
  })

  it('reads the columns that are named, and says which there are', () => {
    writeTexts(path, ['one'])
    expect(readAll({ messagesField: 'text', onBadRow: 'skip' }).skipped).toBe(1)
    expect(() => readAll({ textField: 'content' })).toThrow(
      refusal('nn_parquet_unusable', /no column content or messages, but "text"/),
    )
  })
})

describe('a stream of Parquet files', () => {
  const open = (files: readonly string[], options: Partial<DocumentStreamOptions>): DocumentStream =>
    new DocumentStream({ files, onBadRow: 'skip', ...options })
  const take = (stream: DocumentStream, count: number): unknown[] =>
    Array.from({ length: count }, () => shownAs(stream.next()))

  it('goes on from a state as if it had never stopped, and gives what JSON lines give', () => {
    const options = fc.record({
      seed: fc.integer(),
      shuffleBuffer: fc.integer({ min: 0, max: 9 }),
      validShare: fc.constantFrom(0, 0.3),
    })
    const groups = fc.integer({ min: 1, max: 7 })
    const stops = fc.array(fc.nat(15), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 30 }),
        groups,
        options,
        stops,
        (count, rowGroupSize, how, all) => {
          const rows = numbered(count).map((text, index) => (index % 7 === 3 ? null : text))
          const half = Math.floor(count / 2)
          const files = ['a', 'b'].map((name) => join(folder, `${name}.parquet`))
          const lines = ['a', 'b'].map((name) => join(folder, `${name}.jsonl`))
          for (const [index, part] of [rows.slice(0, half), rows.slice(half)].entries()) {
            writeTexts(files[index]!, part, { rowGroupSize, pageSize: 30 })
            writeFileSync(lines[index]!, part.map((text) => `${JSON.stringify({ text })}\n`).join(''))
          }
          const whole = open(files, how)
          const json = open(lines, how)
          let stopped = open(files, how)
          for (const stop of all) {
            const expected = take(whole, stop)
            expect(take(stopped, stop)).toEqual(expected)
            expect(take(json, stop)).toEqual(expected)
            const state = JSON.parse(JSON.stringify(stopped.state))
            stopped = open(files, how)
            stopped.restore(state)
            expect(stopped.counts).toEqual(whole.counts)
            expect(stopped.counts).toEqual(json.counts)
            expect(stopped.state).toEqual(whole.state)
          }
          expect(take(stopped, 40)).toEqual(take(whole, 40))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('refuses a place that a file does not have', () => {
    writeTexts(path, numbered(9), { rowGroupSize: 3 })
    const stream = open([path], { shuffleBuffer: 0, epochs: 1 })
    const { state } = stream
    for (const place of [
      { offset: 1, line: 2 },
      { offset: 7, line: 9 },
      { offset: 2, line: 10 },
    ]) {
      expect(() =>
        open([path], { shuffleBuffer: 0, epochs: 1 }).restore({ ...state, ...place, taken: 1 }),
      ).toThrow(refusal('nn_data_state_mismatch', 'row group'))
    }
    expect(take(stream, 10)).toEqual([...numbered(9), '(end)'])
  })

  it('decodes a row group once, however small the buffers are', () => {
    writeTexts(path, numbered(100), { pageSize: 100 })
    const stream = open([path], { shuffleBuffer: 5, epochs: 1 })
    const first = shownAs(stream.next())
    rmSync(path)
    expect(new Set([first, ...take(stream, 99)])).toEqual(new Set(numbered(100)))
  })
})

describe('a file that is no Parquet, or not all of it', () => {
  it('is named with the reason', () => {
    const unusable = (bytes: Uint8Array | string, why: RegExp): void => {
      writeFileSync(path, bytes)
      expect(() => readAll({ onBadRow: 'skip' })).toThrow(refusal('nn_parquet_unusable', why))
    }
    writeTexts(path, numbered(50))
    const whole = readFileSync(path)
    unusable('', /rows\.parquet.*does not end with PAR1/)
    unusable('{"text": "one"}\n', /does not end with PAR1/)
    unusable(whole.subarray(0, -20), /truncated/)
    unusable(Buffer.concat([whole.subarray(0, -4), Buffer.from('PARE')]), /encrypted/)
    unusable(Buffer.concat([whole.subarray(0, 4), whole.subarray(400)]), /rows\.parquet/)
    const zeroed = Buffer.from(whole)
    zeroed.fill(0, 4, 60)
    unusable(zeroed, /row group 0: /)
    expect(() => readAll({}, join(folder, 'none.parquet'))).toThrow(
      refusal('nn_data_file_unreadable', 'ENOENT'),
    )
  })

  type Write = (count: number) => void
  const texts = ['PLAIN', 'RLE_DICTIONARY', 'DELTA_BYTE_ARRAY', 'DELTA_LENGTH_BYTE_ARRAY'] as const
  const written = (codec: NonNullable<ParquetShape['codec']>): [string, Write][] => [
    ...texts.map((encoding): [string, Write] => [
      `${codec} ${encoding}`,
      (count) => writeTexts(path, [...numbered(count), null, 'row'], { codec, encoding, pageSize: 100 }),
    ]),
    [
      `${codec} conversations`,
      (count) =>
        writeConversations(
          path,
          numbered(count).map((content) => [
            { role: 'user', content },
            { role: 'assistant', content: 'yes' },
          ]),
          { codec, pageSize: 100 },
        ),
    ],
  ]
  const readOrRefuse = (bytes: Uint8Array): void => {
    writeFileSync(path, bytes)
    try {
      readAll({ onBadRow: 'skip' })
    } catch (thrown) {
      if (!isHadalError(thrown)) throw thrown
      expect(thrown.message).toContain(path)
      expect(['nn_parquet_unusable', 'nn_data_file_unreadable']).toContain(thrown.code)
    }
  }

  it.each(written('UNCOMPRESSED'))('is read or refused with a code, bytes changed in turn: %s', (_, make) => {
    make(4)
    const whole = readFileSync(path)
    for (const [at, byte] of whole.entries()) {
      for (const changed of [0xff, byte ^ 0x80]) {
        const bytes = Buffer.from(whole)
        bytes[at] = changed
        readOrRefuse(bytes)
      }
    }
  })

  it.each((['SNAPPY', 'ZSTD'] as const).flatMap(written))(
    'is read or refused with a code, whatever bytes change: %s',
    (_, make) => {
      make(25)
      const whole = readFileSync(path)
      const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
          const bytes = Buffer.from(whole)
          for (const [at, byte] of changes) bytes[at] = byte
          readOrRefuse(bytes)
        }),
        { numRuns: 20 },
      )
    },
  )

  it('is refused wherever it ends', () => {
    writeTexts(path, numbered(20))
    const whole = readFileSync(path)
    for (let end = 0; end < whole.length; end += 23) {
      writeFileSync(path, whole.subarray(0, end))
      expect(() => readAll({ onBadRow: 'skip' })).toThrow(refusal('nn_parquet_unusable', 'rows.parquet'))
    }
  })
})
