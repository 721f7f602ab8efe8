/**
 * Parses tables printed by `nvidia-smi --query-... --format=csv`, and their cells. Accepts what people save: Windows line endings,
 * a byte order mark, warnings above the header, decimals of other locales, truncated lines. A line that does not match its header
 * is kept as unreadable and never guessed at.
 */

/** `unsupported`: this GPU or this driver has no such figure. `unreadable`: it should have one, and could not say it. */
export type Cell =
  | { readonly state: 'value'; readonly text: string }
  | { readonly state: 'unsupported'; readonly text: string }
  | { readonly state: 'unreadable'; readonly text: string }

export interface SmiTable {
  /** In each the cells by the names of columns, without their units. */
  readonly rows: readonly ReadonlyMap<string, Cell>[]
  /** Lines that should have been rows. */
  readonly unreadable: readonly string[]
  /** Lines above the header; all lines if there is none. */
  readonly said: readonly string[]
}

const maxLines = 10_000
const longestLine = 8_192

/** `key`: a column that the header has, whatever else. */
export function parseSmiTable(text: string, key: string): SmiTable {
  const lines = linesOf(text)
  const isEnded = /[\r\n]/.test(text.slice(text.trimEnd().length))
  const at = lines.findIndex(
    (line) => line.toLowerCase().includes(key) && (headerOf(line)?.names.includes(key) ?? false),
  )
  if (at === -1) return { rows: [], unreadable: [], said: lines }
  const { names, separator } = headerOf(lines[at]!)!
  const rows: ReadonlyMap<string, Cell>[] = []
  const unreadable: string[] = []
  const said = lines.slice(0, at)
  const rest = lines.slice(at + 1)
  for (const [index, line] of rest.entries()) {
    if (isRemark(line)) {
      said.push(line)
      continue
    }
    if (line === lines[at]) continue
    const cells = splitCells(line, separator)
    const last = cells.at(-1) ?? ''
    const isBroken = index === rest.length - 1 && !isEnded && !isWholeByItself(last)
    if (cells.length !== names.length || isBroken || (names.at(-1) === 'uuid' && isCutUuid(last)))
      unreadable.push(line)
    else rows.push(new Map(names.map((name, column) => [name, cellOf(cells[column]!)])))
  }
  return { rows, unreadable, said }
}

export function linesOf(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/, maxLines)
    .map((line) => line.trimEnd().slice(0, longestLine))
    .filter((line) => line.trim() !== '')
}

/** Columns are `memory.total [MiB]`; a row that only has words of that form has no dots in them. */
function headerOf(
  line: string,
): { readonly names: readonly string[]; readonly separator: string } | undefined {
  for (const separator of [', ', ',', ';', '\t']) {
    const cells = splitCells(line, separator)
    if (cells.length > 1 && cells.every((cell) => /^[a-z][\w.]{0,80}(?: \[[^\][]{1,20}\])?$/i.test(cell)))
      return { names: cells.map((cell) => cell.replace(/ \[.*/, '').toLowerCase()), separator }
  }
  return undefined
}

/** `71,5 W` of a German locale contains no separator, which is a comma and a space. A quoted cell may contain anything. */
function splitCells(line: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted
    else if (!isQuoted && line.startsWith(separator, at)) {
      cells.push(cell.trim())
      cell = ''
      at += separator.length - 1
    } else cell += line[at]
  }
  cells.push(cell.trim())
  return cells
}

/** Printed below the table, too: `WARNING: infoROM is corrupted at gpu 0000:3B:00.0`. */
const isRemark = (line: string): boolean =>
  /^(?:WARNING|Unable to determine|Failed to|NVIDIA-SMI has|Field ")/i.test(line.trimStart())

const isWholeByItself = (cell: string): boolean =>
  /^GPU-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(cell) || /^0x[\da-f]{16}$/i.test(cell)

const isCutUuid = (cell: string): boolean => /^GPU-[\da-f-]*$/i.test(cell) && !isWholeByItself(cell)

const unsupported = /^\[?(?:n\/a|not supported|unsupported|not available|function not found)\]?$/i
/** `ERR!`, `[Unknown Error]`, `[GPU is lost]`, `[GPU requires reset]`, `[Insufficient Permissions]`, nothing at all. */
const unreadable = /^(?:|err!?|\[.*\]|unknown error|\?+)$/i

function cellOf(text: string): Cell {
  if (unsupported.test(text)) return { state: 'unsupported', text }
  if (unreadable.test(text)) return { state: 'unreadable', text }
  return { state: 'value', text }
}

/**
 * Parses `81559 MiB`, `71,5 W`, `34`; undefined without a number, or if the comma may separate thousands:
 * `60,500 MiB`.
 */
export function numberOf(cell: Cell | undefined): number | undefined {
  if (cell?.state !== 'value' || /^[+-]?\d{1,3},\d{3}(?!\d)/.test(cell.text)) return undefined
  const match = /^([+-]?\d{1,15}(?:[.,]\d{1,6})?)\s*(?:%|MiB|GiB|MB|GB|W|C|MHz)?$/i.exec(cell.text)
  return match === null ? undefined : Number(match[1]!.replace(',', '.'))
}

/** Parses `Enabled`, `Yes`, `1`, `Active`, and their opposites. */
export function yesOf(cell: Cell | undefined): boolean | undefined {
  if (cell?.state !== 'value') return undefined
  if (/^(?:enabled|yes|active|true|[1-9]\d{0,9})$/i.test(cell.text)) return true
  if (/^(?:disabled|no|not active|none|false|0)$/i.test(cell.text)) return false
  return undefined
}
