/** The rows of a Parquet file as documents, from any position: a row group, and the number of rows before it. */

import { dataStateMismatch, parquetUnusable } from './errors.ts'
import { ParquetFile, type ParquetRow, UnreadableValue } from './parquet-file.ts'
import { type ParsedRow, parseRowObject, type RowFields } from './parse-row.ts'
import type { LinePlace } from './read-lines.ts'

/** Caches the last opened file with its last decoded row group, for consecutive reads. */
export class OpenedParquet {
  #file: ParquetFile | undefined

  open(path: string, columns: readonly string[]): ParquetFile {
    if (this.#file?.path !== path) this.#file = undefined
    this.#file ??= new ParquetFile(path, columns)
    return this.#file
  }
}

export class ParquetRows {
  readonly #file: ParquetFile
  readonly #fields: RowFields
  #group: number
  #row: number

  /** Throws `nn_data_file_unreadable`, `nn_parquet_unusable` and `nn_data_state_mismatch`, as `next` does. */
  constructor(path: string, fields: RowFields, { offset, line }: LinePlace, opened: OpenedParquet) {
    const { textField = 'text', messagesField = 'messages' } = fields
    this.#file = opened.open(path, [textField, messagesField, 'tools'])
    this.#fields = fields
    this.#group = offset
    this.#row = line
    const { columns, groups } = this.#file
    if (!columns.includes(textField) && !columns.includes(messagesField))
      throw parquetUnusable(path, `it has no column ${textField} or ${messagesField}, but ${named(columns)}`)
    const group = groups[offset]
    const first = group?.firstRow ?? this.#rowCount
    if (offset > groups.length || line < first || line > first + (group?.rows ?? 0))
      throw dataStateMismatch(`${path} has no row ${line} in its row group ${offset}`)
  }

  /** `offset` counts row groups, `line` rows before the next. */
  get place(): LinePlace {
    return { offset: this.#group, line: this.#row }
  }

  next(): { readonly line: number; readonly parsed: ParsedRow } | undefined {
    for (; this.#group < this.#file.groups.length; this.#group += 1) {
      const { firstRow, rows } = this.#file.groups[this.#group]!
      if (this.#row === firstRow + rows) continue
      const row = this.#file.rows(this.#group)[this.#row - firstRow]!
      this.#row += 1
      return { line: this.#row, parsed: this.#parse(row) }
    }
    return undefined
  }

  get #rowCount(): number {
    const last = this.#file.groups.at(-1)
    return last === undefined ? 0 : last.firstRow + last.rows
  }

  #parse(row: ParquetRow): ParsedRow {
    const { textField = 'text', messagesField = 'messages' } = this.#fields
    const issues: string[] = []
    const present = Object.entries(row).filter(
      ([name, value]) =>
        (value !== null && value !== undefined) || name === textField || !Object.hasOwn(row, textField),
    )
    const plain = Object.fromEntries(present.map(([name, value]) => [name, plainValue(value, name, issues)]))
    const issue = issues[0]
    return issue === undefined ? parseRowObject(plain, { textField, messagesField }) : { issue }
  }
}

/** As in JSON. A struct has null for absent members, so those are removed, except `content`: templates test whether it is none. */
function plainValue(value: unknown, where: string, issues: string[]): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object') return value
  if (value instanceof UnreadableValue) {
    issues.push(`${where} ${value.why}`)
    return null
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) {
    issues.push(`${where} is bytes, not text`)
    return null
  }
  if (Array.isArray(value)) return value.map((item, index) => plainValue(item, `${where}[${index}]`, issues))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => (member !== null && member !== undefined) || name === 'content')
      .map(([name, member]) => [name, plainValue(member, `${where}.${name}`, issues)]),
  )
}

const named = (columns: readonly string[]): string =>
  columns.length === 0
    ? 'none at all'
    : columns
        .slice(0, 8)
        .map((name) => JSON.stringify(name))
        .join(', ')
