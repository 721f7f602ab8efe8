/**
 * Streams the documents of many files, epoch after epoch, in an order that is a pure function of the seed. Files are shuffled, and
 * rows within a buffer that is filled, shuffled and emptied. Unlike a buffer refilled row by row, its whole state is its start
 * position and the number taken, so resuming rereads one buffer.
 */

import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { messageOf } from '@hadal/base'
import { DocumentReader, type LocatedDocument, type ReadOptions } from './document-reader.ts'
import { dataEmpty, dataFileUnreadable, dataOptionsInvalid, dataStateMismatch } from './errors.ts'
import { isHeldOut } from './held-out.ts'
import { OpenedParquet } from './parquet-rows.ts'
import { blockRandom, epochRandom, shuffledIndices } from './shuffle.ts'

export interface DocumentStreamOptions extends ReadOptions {
  readonly files: readonly string[]
  readonly seed?: number
  /** Size of the in-memory shuffle buffer in rows; 0 keeps files and rows in order. Default 4096. */
  readonly shuffleBuffer?: number
  /** Share of documents in [0, 1), chosen by content: `part: 'valid'` reads them and `'train'`, the default, does not. */
  readonly validShare?: number
  readonly part?: 'train' | 'valid'
  /** Number of epochs; endless by default. */
  readonly epochs?: number
}

/** Small and plain: survives JSON. */
export interface DocumentStreamState {
  /** Fingerprint of files and options. */
  readonly fingerprint: string
  /**
   * Start of the buffer: epoch, buffers of this epoch before it, file in the epoch's order, position in it (bytes and lines before
   * it, or row groups and rows of Parquet).
   */
  readonly epoch: number
  readonly block: number
  readonly file: number
  readonly offset: number
  readonly line: number
  /** Rows read, and rows left out, before it. */
  readonly rows: number
  readonly skipped: number
  /** Documents taken from the buffer. */
  readonly taken: number
}

type Position = Omit<DocumentStreamState, 'fingerprint' | 'taken'>

const unshuffledRows = 256

/**
 * Documents of many files, shuffled through a buffer, over and over; its place can be saved and restored.
 *
 * @example
 * ```ts
 * import { DocumentStream } from '@hadal/nn'
 *
 * const stream = new DocumentStream({ files: ['a.jsonl', 'b.parquet'], seed: 1, shuffleBuffer: 1_000 })
 * const first = stream.next()?.document
 * const place = stream.state // for a checkpoint
 * stream.restore(place)
 * ```
 */
export class DocumentStream {
  readonly #options: DocumentStreamOptions
  readonly #fingerprint: string
  #filledFrom: Position = { epoch: 0, block: 0, file: 0, offset: 0, line: 0, rows: 0, skipped: 0 }
  #at: Position = this.#filledFrom
  #buffer: LocatedDocument[] = []
  readonly #opened = new OpenedParquet()
  #taken = 0

  /** Throws `nn_data_options_invalid`, `nn_data_empty` without files, `nn_data_file_unreadable`. */
  constructor(options: DocumentStreamOptions) {
    const issues = optionIssues(options)
    if (issues.length > 0) throw dataOptionsInvalid(issues)
    if (options.files.length === 0) throw dataEmpty(0, 'no file was given')
    this.#options = options
    this.#fingerprint = fingerprint(options)
  }

  /**
   * Undefined after the last epoch. Throws `nn_data_row_invalid` where bad rows are fatal, and `nn_data_empty` after an
   * epoch without a single document.
   */
  next(): LocatedDocument | undefined {
    if (this.#taken === this.#buffer.length && !this.#fill()) return undefined
    this.#taken += 1
    return this.#buffer[this.#taken - 1]
  }

  /** Rows read into the buffer so far: usable ones of both parts, and skipped ones. */
  get counts(): { readonly rows: number; readonly skipped: number } {
    return { rows: this.#at.rows, skipped: this.#at.skipped }
  }

  /** Epoch of the last document. */
  get epoch(): number {
    return this.#filledFrom.epoch
  }

  get state(): DocumentStreamState {
    return { fingerprint: this.#fingerprint, ...this.#filledFrom, taken: this.#taken }
  }

  /** Resumes from `state`, rereading its buffer. Throws `nn_data_state_mismatch`. */
  restore(state: DocumentStreamState): void {
    const { fingerprint: saved, taken, ...position } = state
    if (saved !== this.#fingerprint)
      throw dataStateMismatch('files, sizes or options are not those it was saved with')
    this.#filledFrom = position
    this.#at = position
    this.#buffer = []
    if (taken > 0) this.#fill()
    if (taken > this.#buffer.length) throw dataStateMismatch(`row ${taken} of its buffer no longer exists`)
    this.#taken = taken
  }

  /** The next buffer with a document in it; false after the last epoch. */
  #fill(): boolean {
    const { files, epochs = Number.POSITIVE_INFINITY, seed = 1, shuffleBuffer = 4096 } = this.#options
    for (;;) {
      if (this.#at.file === files.length) {
        if (this.#at.block === 0) throw this.#empty()
        this.#at = { ...this.#at, epoch: this.#at.epoch + 1, block: 0, file: 0, offset: 0, line: 0 }
      }
      const from = this.#at
      if (from.epoch >= epochs) return false
      const { order, size } = plan(from, files.length, seed, shuffleBuffer)
      const rows = this.#read(order, size)
      if (rows.length === 0) continue
      this.#at = { ...this.#at, block: from.block + 1 }
      this.#filledFrom = from
      this.#taken = 0
      this.#buffer =
        shuffleBuffer === 0
          ? rows
          : Array.from(
              shuffledIndices(rows.length, blockRandom(seed, from.epoch, from.block)),
              (index) => rows[index]!,
            )
      return true
    }
  }

  /** Up to `size` documents of this part, moving on; fewer only at the end of the epoch. */
  #read(order: Uint32Array, size: number): LocatedDocument[] {
    const { files, validShare = 0, part = 'train' } = this.#options
    const rows: LocatedDocument[] = []
    let { file, offset, line, rows: read, skipped } = this.#at
    while (file < files.length && rows.length < size) {
      using reader = new DocumentReader(files[order[file]!]!, this.#options, { offset, line }, this.#opened)
      for (let located = reader.next(); ; located = reader.next()) {
        if (located === undefined) {
          file += 1
          offset = 0
          line = 0
          break
        }
        read += 1
        if (isHeldOut(located.document, validShare) === (part === 'valid')) rows.push(located)
        if (rows.length === size) {
          ;({ offset, line } = reader.place)
          break
        }
      }
      skipped += reader.skipped
    }
    this.#at = { ...this.#at, file, offset, line, rows: read, skipped }
    return rows
  }

  #empty(): Error {
    const { files, part = 'train' } = this.#options
    const { rows, skipped } = this.#at
    const why = rows === 0 ? 'they contain no rows' : `none of ${rows} rows is of the part ${part}`
    return dataEmpty(files.length, skipped === 0 ? why : `${why}, ${skipped} bad ones left out`)
  }
}

/** The first buffer of an epoch has a random size, so that buffer borders differ between epochs. */
function plan(
  { epoch, block }: Position,
  files: number,
  seed: number,
  shuffleBuffer: number,
): { order: Uint32Array; size: number } {
  if (shuffleBuffer === 0)
    return { order: Uint32Array.from({ length: files }, (_, i) => i), size: unshuffledRows }
  const random = epochRandom(seed, epoch)
  const order = shuffledIndices(files, random)
  return { order, size: block === 0 ? 1 + Math.floor(random() * shuffleBuffer) : shuffleBuffer }
}

function optionIssues(options: DocumentStreamOptions): string[] {
  const { seed = 1, shuffleBuffer = 4096, validShare = 0, epochs = 1, part = 'train' } = options
  const issues: string[] = []
  if (!Number.isSafeInteger(seed)) issues.push(`seed is ${seed}, not a whole number`)
  if (!(Number.isSafeInteger(shuffleBuffer) && shuffleBuffer >= 0))
    issues.push(`shuffleBuffer is ${shuffleBuffer}, not a whole number of rows`)
  if (!(validShare >= 0 && validShare < 1)) issues.push(`validShare is ${validShare}, not from 0 to below 1`)
  if (!(Number.isSafeInteger(epochs) && epochs >= 1)) issues.push(`epochs is ${epochs}, not at least 1`)
  if (part === 'valid' && validShare === 0) issues.push("part is 'valid', but validShare is 0")
  return issues
}

/** Names and sizes, not paths and contents: data may move, and reading all of it first would take minutes. */
function fingerprint(options: DocumentStreamOptions): string {
  const { files, seed = 1, shuffleBuffer = 4096, validShare = 0, part = 'train' } = options
  const { textField, messagesField, textUnit } = options
  const sizes = files.map((path) => [basename(path), sizeOf(path)])
  const decisive = [sizes, seed, shuffleBuffer, validShare, part, textField, messagesField, textUnit]
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 32)
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (thrown) {
    throw dataFileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
}
