/** A check made of whatever finds matches in a text: every view is read, and what was found is told by its place in the original. */

import type { Check, Finding, View } from '../check.ts'
import type { Match } from './detector.ts'

/** Every match of a text that starts at `from` or later, as `Detector.find`. */
export type Find = (text: string, from: number) => Iterable<Match>

/** Of one kind in one view. Beyond them all the rest of the text counts as one finding, so a text made of nothing else stays cheap. */
const maxMatches = 10_000

/** In order of severity: where findings overlap, the first names the replacement. */
export function detectorsCheck(finds: readonly Find[]): Check {
  return ({ views }) => {
    const findings: Finding[] = []
    for (const view of views) for (const find of finds) findings.push(...findingsIn(view, find))
    return {
      findings: withoutRepeated(findings),
      ...(findings.length > 0 && { suspicion: 1 }),
    }
  }
}

function findingsIn(view: View, find: Find): Finding[] {
  const findings: Finding[] = []
  for (const { rule, start, end, why, replacement } of find(view.text, 0)) {
    const isRest = findings.length === maxMatches
    const span = view.toOriginal({ start, end: isRest ? view.text.length : end })
    findings.push({
      rule,
      span,
      view: view.name,
      ...(isRest ? { why: `${why}, and many more` } : { why, replacement }),
    })
    if (isRest) break
  }
  return findings
}

/** Most is found in several views of a text. Of findings of one rule within each other the widest counts, told by its first view. */
function withoutRepeated(findings: readonly Finding[]): Finding[] {
  const widest = new Map<string, number>()
  const ordered = findings.toSorted((a, b) => a.span.start - b.span.start || b.span.end - a.span.end)
  const kept = new Set<Finding>()
  for (const finding of ordered) {
    const { rule, span } = finding
    if (span.end <= (widest.get(rule) ?? -1)) continue
    widest.set(rule, span.end)
    kept.add(finding)
  }
  return findings.filter((finding) => kept.has(finding))
}
