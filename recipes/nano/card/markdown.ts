// The little Markdown that the card needs.

/** Every column but the first stands at the `others` side: figures at the right, words at the left. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  others: 'left' | 'right' = 'right',
): string {
  const all = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => row[column]!.length)))
  const atRight = (column: number): boolean => column > 0 && others === 'right'
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) =>
      atRight(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) =>
    atRight(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  return [line(all[0]!), line(rule), ...all.slice(1).map(line)].join('\n')
}

/** Any text, to be read as it is on one line. */
export function literal(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#~&]/g, '\\$&').replaceAll('\n', '<br>')
}

/** What stands under the heading `## name`, up to the next of its rank. */
export function section(page: string, name: string): string {
  const parts = page.split(/^## (.*)$/m)
  const at = parts.indexOf(name)
  if (at < 0) throw new Error(`there is no section "${name}"`)
  return parts[at + 1]!.trim()
}
