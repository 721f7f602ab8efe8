/** Aligned text columns. */

import { visibleLength } from './style.ts'

/** The first row determines the number of columns. Numbers are right-aligned according to `align`. */
export function formatTable(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
): string {
  const widths = align.map((_, column) => Math.max(...rows.map((row) => visibleLength(row[column] ?? ''))))
  return rows
    .map((row) =>
      align
        .map((side, column) => {
          const cell = row[column] ?? ''
          const gap = ' '.repeat(widths[column]! - visibleLength(cell))
          return side === 'left' ? cell + gap : gap + cell
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
