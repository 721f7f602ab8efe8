/** Type of `data/*.json`; `schema/causes.schema.json` is the same schema for editors and tests. */

import type { Cause, CauseFamily, CauseSeverity } from '@hadal/doctor'

/** A pattern without flags, or one with flags. `for`: of a table, only rows of this `wording`. */
export type PatternData =
  | string
  | { readonly pattern: string; readonly flags?: string; readonly for?: string }

export interface FixData {
  readonly text: string
  readonly command?: string
}

/** A catalogue entry. `says` and `fix` are `render-text.ts` templates. */
export interface CauseData {
  readonly id: string
  readonly family: CauseFamily
  readonly title: string
  readonly severity: CauseSeverity
  readonly weight?: number
  readonly comment?: string
  /** Patterns of one line, or the name of a function in `readers.ts`. */
  readonly shows: readonly PatternData[] | { readonly reader: string }
  /** Ids, and `@name` for a list in `consequences.json`. */
  readonly explains?: readonly string[]
  readonly says: string
  readonly fix: FixData
  /** A key of `sources.json`, or a source that only this entry has. */
  readonly source: string | Cause['source']
}

/** What a row is filled with: `%name%` in the table's cause. */
export type Columns = Readonly<Record<string, unknown>>

/** Many causes of one form: a row completes its kind, and its kind completes `cause`. */
export interface CauseTable {
  readonly cause: Partial<CauseData>
  readonly kinds: Readonly<Record<string, Columns>>
  readonly rows: readonly (Columns & { readonly kind: string })[]
}

/** One file of causes, in the order of the catalogue. */
export interface CauseFile {
  readonly table?: CauseTable
  readonly causes?: readonly CauseData[]
}
