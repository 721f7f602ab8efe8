/** Findings as a person reads them in a terminal: by file, with the place, the reason and what to write instead. */

import type { LintFinding } from '@hadal/fleet'
import type { Style } from '@hadal/output'
import { say, wrapText } from '@hadal/output'

export const severities = ['rejected', 'harmful', 'advice'] as const
export type Severity = (typeof severities)[number]

export function findingsText(findings: readonly LintFinding[], style: Style, columns: number): string {
  const files = [...new Set(findings.map(({ file }) => file))]
  return files
    .map((file) => {
      const found = findings.filter((each) => each.file === file)
      const width = Math.max(...found.map(({ line }) => String(line).length))
      return [style.bold(file), ...found.map((each) => findingText(each, width, style, columns))].join('\n')
    })
    .join('\n\n')
}

function findingText(found: LintFinding, width: number, style: Style, columns: number): string {
  const indent = ' '.repeat(width + 4)
  const most = Math.max(40, Math.min(columns, 120))
  const head = `  ${style.dim(String(found.line).padStart(width))}  ${painted(found.severity, style)}  ${style.bold(found.rule)}`
  const place = [found.object, found.path].filter((each) => each !== '').join(' · ')
  return [
    head,
    ...wrapped(place, indent, most).map(style.dim),
    ...wrapped(found.reason, indent, most),
    ...wrapped(say`fix: ${found.fix}`, indent, most).map(style.green),
  ].join('\n')
}

const painted = (severity: Severity, style: Style): string =>
  ({ rejected: style.red, harmful: style.yellow, advice: style.cyan })[severity](severity)

/** A word that is longer than a line stays whole, so that it can be pasted. */
function wrapped(text: string, indent: string, columns: number): string[] {
  const words = text.replaceAll(/\s+/g, ' ').trim()
  return words === '' ? [] : wrapText(words, columns, indent)
}

/** `2 rejected, 1 harmful, 3 pieces of advice in 9 objects of 4 files`. */
export function countsText(
  findings: readonly LintFinding[],
  { objects, files }: { readonly objects: number; readonly files: number },
  style: Style,
): string {
  const scope = say`${objectsText(objects)} of ${filesText(files)}`
  if (findings.length === 0) return say`${style.green(say`nothing found`)} in ${scope}`
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((each) => each.severity === severity).length
    return count === 0 ? [] : [`${count} ${painted(severity, style)}`]
  })
  return say`${counts.join(', ')} in ${scope}`
}

const objectsText = (count: number): string => (count === 1 ? say`1 object` : say`${count} objects`)
const filesText = (count: number): string => (count === 1 ? say`1 file` : say`${count} files`)
