/** Whether a program printed what a page shows: the same lines with other numbers. */

/** Lines of `shown` that are not in `printed`, in their order. `...` stands for lines, or the end of one, that are left out. */
export function linesNotPrinted(shown: string, printed: string): readonly string[] {
  const lines = printed.split('\n').map(shapeOf)
  let at = 0
  return shown.split('\n').filter((line) => {
    if (line.trim() === '' || line.trim() === '...' || line.startsWith('$ ')) return false
    const shape = shapeOf(line)
    const found = lines.findIndex((each, index) => index >= at && (each === shape || isCutShort(shape, each)))
    if (found < 0) return true
    at = found + 1
    return false
  })
}

function isCutShort(shape: string, line: string): boolean {
  return shape.endsWith('...') && line.startsWith(shape.slice(0, -3))
}

/** Numbers with their units are one sign, blanks are one blank. */
export function shapeOf(line: string): string {
  return line
    .replaceAll(/\d[\d.,]*(e[-+]?\d+)?(\s?(%|[KMGT]i?B|[kMGT]?FLOP|[kM]\b|ms\b|s\b|µs\b))?/g, '0')
    .replaceAll(/\b0 ([a-z]+?)s\b/g, '0 $1')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
