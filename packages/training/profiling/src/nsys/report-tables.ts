/**
 * Tables of an Nsight Systems report in SQLite. Tables exist only if they have data, and columns vary by version ("SQLite Schema
 * Reference" of its user guide): missing ones are reported, never an error.
 */

import type { Database } from 'better-sqlite3'

export type Row = Readonly<Record<string, unknown>>

export interface TableRead {
  readonly name: string
  /** Columns that there must be. */
  readonly needs: readonly string[]
  /** Values read in addition to `start` and `end`, by name: SQL and the columns it uses; null if one of them is missing. */
  readonly reads: Readonly<Record<string, { readonly sql: string; readonly of: readonly string[] }>>
  readonly where?: { readonly sql: string; readonly of: readonly string[] }
}

export class ReportTables {
  readonly #database: Database
  readonly #notes: string[]
  readonly #missing: string[] = []
  readonly #columns = new Map<string, ReadonlySet<string>>()
  readonly #strings = new Map<number, string | undefined>()
  readonly #findString: ((id: number) => string | undefined) | undefined

  /** `notes` is added to. */
  constructor(database: Database, notes: string[]) {
    this.#database = database
    this.#notes = notes
    this.#findString = this.#stringReader()
  }

  has(table: string): boolean {
    return this.columns(table).size > 0
  }

  /** None of a table that is not there. */
  columns(table: string): ReadonlySet<string> {
    const known = this.#columns.get(table)
    if (known !== undefined) return known
    const rows = this.#database.prepare('SELECT name FROM pragma_table_info(?)').all(table) as Row[]
    const columns = new Set(rows.map(({ name }) => String(name)))
    this.#columns.set(table, columns)
    return columns
  }

  /** Row after row; none where the table, or a column it needs, is missing, which is noted. */
  *rows({ name, needs, reads, where }: TableRead): Iterable<Row> {
    const columns = this.columns(name)
    const missing = needs.filter((column) => !columns.has(column))
    if (columns.size === 0) this.#missing.push(name)
    else if (missing.length > 0)
      this.#notes.push(`the table ${name} has no column ${missing.join(', ')} and was left out`)
    if (columns.size === 0 || missing.length > 0) return
    const selected = Object.entries(reads).map(([as, { sql, of }]) =>
      of.every((column) => columns.has(column)) ? `${sql} AS "${as}"` : `NULL AS "${as}"`,
    )
    const condition = where?.of.every((column) => columns.has(column)) === true ? ` WHERE ${where.sql}` : ''
    const sql = `SELECT ${selected.join(', ')} FROM "${name}"${condition}`
    yield* this.#database.prepare(sql).iterate() as Iterable<Row>
  }

  /** Requested tables or columns that are missing. */
  get missing(): readonly string[] {
    return this.#missing
  }

  /** Entry of `StringIds`; undefined if it is unknown. */
  string(id: unknown): string | undefined {
    if (typeof id !== 'number') return undefined
    if (!this.#strings.has(id)) this.#strings.set(id, this.#findString?.(id))
    return this.#strings.get(id)
  }

  #stringReader(): ((id: number) => string | undefined) | undefined {
    const columns = this.columns('StringIds')
    if (!columns.has('id') || !columns.has('value')) {
      this.#notes.push('the report has no StringIds: unnamed events are numbered')
      return undefined
    }
    const find = this.#database.prepare('SELECT value FROM StringIds WHERE id = ?')
    return (id) => {
      const value = (find.get(id) as Row | undefined)?.value
      return typeof value === 'string' ? value : undefined
    }
  }
}
