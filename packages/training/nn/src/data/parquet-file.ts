/**
 * Reads a Parquet file's rows, one row group at a time, synchronously and without keeping the file open. Reads only the requested
 * columns; unreadable values become `UnreadableValue`.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isHadalError, messageOf } from '@hadal/base'
import {
  type FileMetaData,
  type ParquetParsers,
  parquetMetadata,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet'
import { assembleNested } from 'hyparquet/src/assemble.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { getTreePath } from 'hyparquet/src/schema.js'
import { compressors } from 'hyparquet-compressors'
import { dataFileUnreadable, parquetUnusable } from './errors.ts'
import { decodeColumn } from './parquet-column.ts'
import { type ColumnDecoder, maxBytes, maxValues, within } from './parquet-page.ts'
import { longestLineBytes } from './read-lines.ts'

export type ParquetRow = Readonly<Record<string, unknown>>

/** Placeholder for a value that is present but unreadable. */
export class UnreadableValue {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

export interface RowGroupPlace {
  /** Rows of the file before this group. */
  readonly firstRow: number
  readonly rows: number
}

const magic = 'PAR1'
const maxFooterBytes = 2 ** 28

export class ParquetFile {
  readonly path: string
  /** All columns of the file. */
  readonly columns: readonly string[]
  readonly groups: readonly RowGroupPlace[]
  readonly #metadata: FileMetaData
  readonly #schema: SchemaTree
  readonly #wanted: readonly string[]
  #decoded: { readonly group: number; readonly rows: readonly ParquetRow[] } | undefined

  /** Throws `nn_data_file_unreadable`, and `nn_parquet_unusable` for a file that is not Parquet or has none of the columns. */
  constructor(path: string, wanted: readonly string[]) {
    this.path = path
    this.#metadata = this.#attempt(() => parquetMetadata(readFooter(path), { geoparquet: false }))
    this.#schema = this.#attempt(() => parquetSchema(this.#metadata))
    this.columns = this.#schema.children.map(({ element }) => element.name)
    this.#wanted = this.columns.filter((name) => wanted.includes(name))
    this.groups = this.#attempt(() => groupPlaces(this.#metadata.row_groups))
  }

  /** The group read last is kept. Throws as the constructor does. */
  rows(group: number): readonly ParquetRow[] {
    if (this.#decoded?.group !== group) {
      this.#decoded = undefined
      const rows = this.#attempt(() => this.#read(group), `row group ${group}: `)
      this.#decoded = { group, rows }
    }
    return this.#decoded.rows
  }

  #read(group: number): ParquetRow[] {
    const { rows: count } = this.groups[group]!
    const columns = this.#wanted.map((name) => [name, this.#column(name, group, count)] as const)
    return Array.from({ length: count }, (_, index) => {
      const row: Record<string, unknown> = {}
      for (const [name, values] of columns) setOwn(row, name, values[index])
      return row
    })
  }

  /** The column's value for each row; a list or struct is assembled from all its columns. */
  #column(name: string, group: number, count: number): readonly unknown[] {
    const tree = this.#schema.children.find(({ element }) => element.name === name)!
    const leaves = new Map<string, unknown[]>()
    for (const { meta_data: chunk, file_path: elsewhere } of this.#metadata.row_groups[group]!.columns) {
      if (chunk?.path_in_schema[0] !== name) continue
      if (elsewhere !== undefined) throw new Error(`the column ${name} is in another file, ${elsewhere}`)
      const decoder = decoderOf(chunk, this.#schema)
      leaves.set(chunk.path_in_schema.join('.'), decodeColumn(readChunk(this.path, chunk), decoder))
    }
    if (tree.children.length > 0) assembleNested(leaves, tree, parsers)
    const values = leaves.get(name)
    if (values?.length !== count)
      throw new Error(`the column ${name} has ${values?.length ?? 'no'} rows, not ${count}`)
    return values
  }

  #attempt<T>(act: () => T, where: string = ''): T {
    try {
      return act()
    } catch (thrown) {
      if (isHadalError(thrown)) throw thrown
      // hyparquet throws internal errors on unexpected input.
      const tripped = thrown instanceof TypeError || thrown instanceof RangeError
      const why = tripped ? `it is damaged (${messageOf(thrown)})` : messageOf(thrown)
      throw parquetUnusable(this.path, `${where}${why}`).with({ cause: thrown })
    }
  }
}

function readFooter(path: string): Uint8Array {
  return withFile(path, (read, size) => {
    const tail = size < 12 ? Buffer.alloc(0) : read(size - 8, 8)
    const end = tail.toString('latin1', 4)
    if (end === 'PARE') throw new Error('it is encrypted')
    if (end !== magic) throw new Error(`it does not end with ${magic}: truncated, or no Parquet`)
    const length = within('the size of its footer', tail.readUInt32LE(0), Math.min(size - 12, maxFooterBytes))
    return read(size - 8 - length, length + 8)
  })
}

/** Rows are counted by number, so groups may not hold more than memory does. */
function groupPlaces(groups: readonly RowGroup[]): RowGroupPlace[] {
  let firstRow = 0
  return groups.map(({ num_rows: count }, group) => {
    const rows = within(`the number of rows in group ${group}`, count, maxValues)
    firstRow += rows
    return { firstRow: firstRow - rows, rows }
  })
}

type ChunkMetaData = NonNullable<RowGroup['columns'][number]['meta_data']>

function readChunk(path: string, chunk: ChunkMetaData): { bytes: Uint8Array<ArrayBuffer>; values: number } {
  const { data_page_offset: data, dictionary_page_offset: dictionary } = chunk
  const name = chunk.path_in_schema.join('.')
  within(`the size of ${name}`, chunk.total_uncompressed_size, maxBytes)
  const values = within(`the number of values of ${name}`, chunk.num_values, maxValues)
  return withFile(path, (read, size) => {
    const begin = dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data
    const offset = within(`the place of ${name}`, begin, size)
    const length = within(
      `the stored size of ${name}`,
      chunk.total_compressed_size,
      Math.min(maxBytes, size - offset),
    )
    return { bytes: Uint8Array.from(read(offset, length)), values }
  })
}

function decoderOf(chunk: ChunkMetaData, schema: SchemaTree): ColumnDecoder {
  const schemaPath = getTreePath(schema, chunk.path_in_schema)
  const { type, codec, path_in_schema: pathInSchema } = chunk
  return { pathInSchema, type, codec, element: schemaPath.at(-1)!.element, schemaPath, parsers, compressors }
}

/** Names such as __proto__ too. */
function setOwn(row: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true })
}

function withFile<T>(
  path: string,
  act: (read: (offset: number, length: number) => Buffer, size: number) => T,
): T {
  const attempt = <R>(what: () => R): R => {
    try {
      return what()
    } catch (thrown) {
      throw dataFileUnreadable(path, messageOf(thrown)).with({ cause: thrown })
    }
  }
  const file = attempt(() => openSync(path, 'r'))
  try {
    const read = (offset: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length)
      const found = attempt(() => readSync(file, bytes, 0, length, offset))
      if (found !== length) throw new Error(`it ends after ${offset + found} bytes`)
      return bytes
    }
    return act(
      read,
      attempt(() => fstatSync(file).size),
    )
  } finally {
    closeSync(file)
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string | UnreadableValue {
  if (bytes.length > longestLineBytes) return new UnreadableValue(`is longer than ${longestLineBytes} bytes`)
  try {
    return utf8.decode(bytes)
  } catch {
    return new UnreadableValue('is not UTF-8')
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  const text = textOf(bytes)
  if (text instanceof UnreadableValue) return text
  try {
    return JSON.parse(text)
  } catch (thrown) {
    return new UnreadableValue(`is not JSON: ${messageOf(thrown)}`)
  }
}

/** An unreadable value is an issue of its row, not of the file. */
const parsers: ParquetParsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (bytes) => bytes && textOf(bytes),
  jsonFromBytes: (bytes) => bytes && jsonOf(bytes),
}
