/** Reads rows of JSONL files with a parser given by the caller. */

import { isHadalError } from '@hadal/base'
import { dataEmpty, dataRowInvalid, LineReader, type ReadOptions } from '@hadal/nn'

export type JsonRow = Readonly<Record<string, unknown>>

export interface RowOptions extends Pick<ReadOptions, 'onBadRow' | 'onSkipped'> {
  /** JSON lines. */
  readonly files: readonly string[]
}

/** Why a row cannot be used. */
export interface RowIssue {
  readonly issue: string
}

/**
 * Throws `nn_data_file_unreadable`; `nn_data_row_invalid` for a row that is no object or that `use` rejects or throws a coded error
 * for, if bad rows are fatal; and `nn_data_empty` if no rows are left.
 */
export function readRows<T extends object>(
  { files, onBadRow = 'fail', onSkipped }: RowOptions,
  use: (row: JsonRow) => T | RowIssue,
): T[] {
  const rows: T[] = []
  let skipped = 0
  for (const path of files) {
    using lines = new LineReader(path)
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      const { number, content } = line
      if ('text' in content && content.text.trim() === '') continue
      const read = 'issue' in content ? content : readRow(content.text, use)
      if (!('issue' in read)) rows.push(read)
      else if (onBadRow === 'fail') throw dataRowInvalid(path, number, read.issue)
      else {
        skipped += 1
        onSkipped?.({ path, line: number, why: read.issue })
      }
    }
  }
  if (rows.length === 0) throw dataEmpty(files.length, `all rows are bad (${skipped} skipped)`)
  return rows
}

function readRow<T extends object>(text: string, use: (row: JsonRow) => T | RowIssue): T | RowIssue {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch (thrown) {
    return { issue: `not valid JSON: ${(thrown as SyntaxError).message}` }
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { issue: 'a row is an object' }
  try {
    return use(row as JsonRow)
  } catch (thrown) {
    if (isHadalError(thrown)) return { issue: thrown.message }
    throw thrown
  }
}
