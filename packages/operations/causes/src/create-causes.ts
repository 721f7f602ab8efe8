/** Turns entries of the data into causes that `explain` takes. */

import type { Cause, Figures, Fix } from '@hadal/doctor'
import type { CauseData, CauseFile, FixData, PatternData } from './cause-data.ts'
import { expandTable } from './expand-table.ts'
import { readers } from './readers.ts'
import { createText } from './render-text.ts'

/** The lists that entries refer to by name. */
export interface SharedData {
  readonly sources: Readonly<Record<string, Cause['source']>>
  readonly consequences: Readonly<Record<string, { readonly causes: readonly string[] }>>
}

/** Throws `TypeError` for a source, a reader or consequences that are not there, and `SyntaxError` for a bad pattern. */
export function createCauses(files: readonly CauseFile[], shared: SharedData): readonly Cause[] {
  return entriesOf(files).map((entry) => createCause(entry, shared))
}

/** Tables expanded, in the order of the files. */
export const entriesOf = (files: readonly CauseFile[]): readonly CauseData[] =>
  files.flatMap(({ table, causes = [] }) => [...(table === undefined ? [] : expandTable(table)), ...causes])

function createCause(entry: CauseData, shared: SharedData): Cause {
  const { id, family, title, severity, weight, shows, explains, says, fix, source } = entry
  return {
    id,
    family,
    title,
    severity,
    shows: 'reader' in shows ? known(readers[shows.reader]?.read, shows.reader) : shows.map(patternOf),
    ...(explains && { explains: explains.flatMap((name) => consequencesOf(name, shared)) }),
    ...(weight !== undefined && { weight }),
    says: createText(says),
    fix: createFix(fix),
    source: typeof source === 'string' ? known(shared.sources[source], source) : source,
  }
}

function patternOf(data: PatternData): RegExp {
  const { pattern, flags } = typeof data === 'string' ? { pattern: data } : data
  return new RegExp(pattern, flags)
}

function consequencesOf(name: string, shared: SharedData): readonly string[] {
  if (!name.startsWith('@')) return [name]
  const { causes } = known(shared.consequences[name.slice(1)], name)
  return causes.flatMap((each) => consequencesOf(each, shared))
}

/** Without a command where its text is empty. */
function createFix({ text, command = '' }: FixData): (figures: Figures) => Fix {
  const [textOf, commandOf] = [createText(text), createText(command)]
  return (figures) => {
    const typed = commandOf(figures)
    return { text: textOf(figures), ...(typed !== '' && { command: typed }) }
  }
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`the catalogue has no ${name}`)
  return value
}
