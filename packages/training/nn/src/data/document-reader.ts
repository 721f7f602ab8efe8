/**
 * Reads the documents of one file, JSONL, Parquet or plain text, each with its line or row, from any position. Unusable rows are
 * fatal, or counted and skipped.
 */

import { dataRowInvalid } from './errors.ts'
import { OpenedParquet, ParquetRows } from './parquet-rows.ts'
import { type ParsedRow, parseRow, type RowFields, type TrainingDocument } from './parse-row.ts'
import { type Line, type LinePlace, LineReader } from './read-lines.ts'

/** An unusable row. */
export interface BadRow {
  readonly path: string
  /** From 1; for Parquet, the row. */
  readonly line: number
  readonly why: string
}

export interface ReadOptions extends RowFields {
  /** `fail` throws `nn_data_row_invalid`; `skip` counts the row and continues. Default `fail`. */
  readonly onBadRow?: 'fail' | 'skip'
  /** Called for every skipped row; for some again when a position is restored. */
  readonly onSkipped?: (row: BadRow) => void
  /** For plain text files: the unit of a document. Paragraphs end at blank lines. Default `file`. */
  readonly textUnit?: 'file' | 'paragraph' | 'line'
}

export interface LocatedDocument {
  readonly document: TrainingDocument
  readonly path: string
  /** Its first line, from 1. */
  readonly line: number
}

interface ReadRow {
  readonly line: number
  readonly parsed: ParsedRow
}

/**
 * Rows of one file of training data: JSON lines, Parquet or plain text.
 *
 * @example
 * ```ts
 * import { DocumentReader } from '@hadal/nn'
 *
 * using reader = new DocumentReader('data.jsonl', { onBadRow: 'skip' })
 * for (let row = reader.next(); row !== undefined; row = reader.next()) console.log(row.line, row.document)
 * ```
 */
export class DocumentReader {
  readonly #path: string
  readonly #options: ReadOptions
  readonly #source: LineReader | ParquetRows
  readonly #read: () => ReadRow | undefined
  /** Rows left out so far. */
  skipped = 0

  /**
   * `opened` caches decoded Parquet data for the next reader of the file. Throws `nn_data_file_unreadable`, and
   * `nn_parquet_unusable` as `next` does. Must be disposed.
   */
  constructor(
    path: string,
    options: ReadOptions = {},
    from: LinePlace = { offset: 0, line: 0 },
    opened: OpenedParquet = new OpenedParquet(),
  ) {
    this.#path = path
    this.#options = options
    if (/\.parquet$/i.test(path)) {
      const rows = new ParquetRows(path, options, from, opened)
      this.#source = rows
      this.#read = () => rows.next()
    } else {
      const lines = new LineReader(path, from)
      const isJson = /\.(jsonl|ndjson|json)$/i.test(path)
      this.#source = lines
      this.#read = isJson ? () => nextRow(lines, options) : () => nextText(lines, options)
    }
  }

  /** Position of the next document. */
  get place(): LinePlace {
    return this.#source.place
  }

  /** Undefined at the end; blank lines are no rows. Throws `nn_data_row_invalid`. */
  next(): LocatedDocument | undefined {
    for (;;) {
      const read = this.#read()
      if (read === undefined) return undefined
      const { line, parsed } = read
      if ('document' in parsed) return { document: parsed.document, path: this.#path, line }
      this.#leaveOut(line, parsed.issue)
    }
  }

  [Symbol.dispose](): void {
    if (this.#source instanceof LineReader) this.#source[Symbol.dispose]()
  }

  #leaveOut(line: number, why: string): void {
    const { onBadRow = 'fail', onSkipped } = this.#options
    if (onBadRow === 'fail') throw dataRowInvalid(this.#path, line, why)
    this.skipped += 1
    onSkipped?.({ path: this.#path, line, why })
  }
}

function nextRow(lines: LineReader, options: ReadOptions): ReadRow | undefined {
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    if (isBlank(line)) continue
    const { content } = line
    return { line: line.number, parsed: 'issue' in content ? content : parseRow(content.text, options) }
  }
  return undefined
}

/** A line that is no text spoils the document that it is in, which is read to its end all the same. */
function nextText(lines: LineReader, { textUnit = 'file' }: ReadOptions): ReadRow | undefined {
  const texts: string[] = []
  let begin = 0
  let issue: string | undefined
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const blank = isBlank(line)
    if (blank && begin === 0) continue
    if (blank && textUnit === 'paragraph') break
    if (begin === 0) begin = line.number
    if ('text' in line.content) texts.push(line.content.text)
    else issue ??= `line ${line.number}: ${line.content.issue}`
    if (textUnit === 'line') break
  }
  if (begin === 0) return undefined
  return {
    line: begin,
    parsed: issue === undefined ? { document: { text: texts.join('\n').trimEnd() } } : { issue },
  }
}

const isBlank = ({ content }: Line): boolean => 'text' in content && content.text.trim() === ''
