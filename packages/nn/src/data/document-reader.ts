/**
 * The documents of one file, JSONL or plain text, each with its line, from any place on. A row that cannot be used is
 * fatal, or counted and left out. Knows nothing about tokens or order.
 */

import { dataRowInvalid } from './errors.ts'
import { type ParsedRow, parseRow, type RowFields, type TrainingDocument } from './parse-row.ts'
import { type Line, type LinePlace, LineReader } from './read-lines.ts'

/** What a row is that cannot be used. */
export interface BadRow {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly why: string
}

export interface ReadOptions extends RowFields {
  /** `fail` throws `nn_data_row_invalid`; `skip` counts the row and goes on. Default `fail`. */
  readonly onBadRow?: 'fail' | 'skip'
  /** Hears of every row that is left out; of some again when a position is restored. */
  readonly onSkipped?: (row: BadRow) => void
  /** Of files that are no `.jsonl` or `.json`: what one document is. Paragraphs end at blank lines. Default `file`. */
  readonly textUnit?: 'file' | 'paragraph' | 'line'
}

export interface LocatedDocument {
  readonly document: TrainingDocument
  readonly path: string
  /** Where it begins, from 1. */
  readonly line: number
}

export class DocumentReader {
  readonly #path: string
  readonly #options: ReadOptions
  readonly #lines: LineReader
  readonly #isJson: boolean
  /** Rows left out so far. */
  skipped = 0

  /** Throws `nn_data_file_unreadable`. To be disposed of. */
  constructor(path: string, options: ReadOptions = {}, from?: LinePlace) {
    this.#path = path
    this.#options = options
    this.#isJson = /\.(jsonl|ndjson|json)$/i.test(path)
    this.#lines = new LineReader(path, from)
  }

  /** Of the document that `next` gives next. */
  get place(): LinePlace {
    return this.#lines.place
  }

  /** Undefined at the end; blank lines are no rows. Throws `nn_data_row_invalid`. */
  next(): LocatedDocument | undefined {
    for (;;) {
      const read = this.#isJson ? this.#nextRow() : this.#nextText()
      if (read === undefined) return undefined
      const { line, parsed } = read
      if ('document' in parsed) return { document: parsed.document, path: this.#path, line }
      this.#leaveOut(line, parsed.fault)
    }
  }

  [Symbol.dispose](): void {
    this.#lines[Symbol.dispose]()
  }

  #nextRow(): { line: number; parsed: ParsedRow } | undefined {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      if (isBlank(line)) continue
      const { content } = line
      return {
        line: line.number,
        parsed: 'fault' in content ? content : parseRow(content.text, this.#options),
      }
    }
    return undefined
  }

  /** A line that is no text spoils the document that it is in, which is read to its end all the same. */
  #nextText(): { line: number; parsed: ParsedRow } | undefined {
    const { textUnit = 'file' } = this.#options
    const texts: string[] = []
    let begin = 0
    let fault: string | undefined
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const blank = isBlank(line)
      if (blank && begin === 0) continue
      if (blank && textUnit === 'paragraph') break
      if (begin === 0) begin = line.number
      if ('text' in line.content) texts.push(line.content.text)
      else fault ??= `line ${line.number}: ${line.content.fault}`
      if (textUnit === 'line') break
    }
    if (begin === 0) return undefined
    return {
      line: begin,
      parsed: fault === undefined ? { document: { text: texts.join('\n').trimEnd() } } : { fault },
    }
  }

  #leaveOut(line: number, why: string): void {
    const { onBadRow = 'fail', onSkipped } = this.#options
    if (onBadRow === 'fail') throw dataRowInvalid(this.#path, line, why)
    this.skipped += 1
    onSkipped?.({ path: this.#path, line, why })
  }
}

const isBlank = ({ content }: Line): boolean => 'text' in content && content.text.trim() === ''
