/** One change of a field, on as few lines as show it. Texts of several lines are compared line by line. */

import type { FieldChange } from '@hadal/fleet'
import type { Style } from '@hadal/output'
import { cutText } from '@hadal/output'

const indent = '    '
const maxLines = 40

export function fieldChangeLines(
  { path, before, after }: FieldChange,
  style: Style,
  columns: number,
): string[] {
  if (typeof before === 'string' && typeof after === 'string' && /\n/.test(before + after))
    return [`${indent}${path}:`, ...textLines(before, after, style, columns)]
  const [old, fresh] = [shown(before), shown(after)]
  const single = `${indent}${path}: ${old} -> ${fresh}`
  if (before !== undefined && after !== undefined && single.length <= columns)
    return [`${indent}${path}: ${style.red(old)} -> ${style.green(fresh)}`]
  const start = before === undefined || after === undefined ? 0 : startOfDifference(old, fresh, columns)
  const part = (text: string): string => (start === 0 ? text : `…${text.slice(start)}`)
  return [
    cutText(`${indent}${path}:`, columns),
    ...(before === undefined ? [] : [style.red(cutText(`${indent}- ${part(old)}`, columns))]),
    ...(after === undefined ? [] : [style.green(cutText(`${indent}+ ${part(fresh)}`, columns))]),
  ]
}

const shownBefore = 20

/** Long texts: the common start is omitted so that the difference is visible. */
function startOfDifference(old: string, fresh: string, columns: number): number {
  let common = 0
  while (common < old.length && old[common] === fresh[common]) common += 1
  return common < columns / 2 ? 0 : Math.max(0, common - shownBefore)
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')

/** Omits common lines at the start and the end. */
function textLines(before: string, after: string, style: Style, columns: number): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1
  let end = 0
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end))
    end += 1
  const part = (lines: readonly string[], sign: string): string[] => {
    const middle = lines.slice(start, lines.length - end)
    const kept = middle.slice(0, maxLines).map((line) => cutText(`${indent}${sign} ${line}`, columns))
    return middle.length > maxLines
      ? [...kept, `${indent}${sign} … ${middle.length - maxLines} more lines`]
      : kept
  }
  return [...part(old, '-').map(style.red), ...part(fresh, '+').map(style.green)]
}
