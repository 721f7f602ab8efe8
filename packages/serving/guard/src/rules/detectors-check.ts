/** Builds a check from match functions: reads every view and reports positions in the original. */

import type { Check, Finding, View } from '../check.ts'
import type { Match } from './detector.ts'

/** Every match starting at `from` or later, as `Detector.find`. */
export type Find = (text: string, from: number) => Iterable<Match>

/** Maximum per kind and view. After that the rest of the text becomes one finding, which bounds the cost of adversarial texts. */
const maxMatches = 10_000

/** In order of severity: where findings overlap, the first sets the replacement. */
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

/** Most matches appear in several views. Of nested findings of one rule, keeps the widest in its first view. */
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
