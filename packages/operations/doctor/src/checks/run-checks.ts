/** Judges a capture: every check, worst finding first. Pure; unreadable input gives "unknown". */

import type { Capture } from '../capture/capture.ts'
import type { Cause } from '../explain/cause.ts'
import type { Check, CheckContext, CheckGroup, Severity, Verdict } from './check.ts'

export interface Finding extends Verdict {
  readonly id: string
  readonly group: CheckGroup
  readonly title: string
}

export interface Report {
  readonly takenAt: number
  /** The worst of each group first, and the group with the worst first. */
  readonly findings: readonly Finding[]
  readonly worst: Severity
}

/**
 * From the most severe to those without a result.
 *
 * @example
 * ```ts
 * import { severities } from '@hadal/doctor'
 *
 * severities // → [ 'error', 'warning', 'unknown', 'note', 'ok', 'skipped' ]
 * ```
 */
export const severities: readonly Severity[] = ['error', 'warning', 'unknown', 'note', 'ok', 'skipped']

/**
 * A check that throws is a bug: its finding is `unknown` and says what was thrown. With the causes of `@hadal/causes` a
 * finding says what an Xid means; without them, what the kernel log says.
 *
 * @example
 * ```ts
 * import { allChecks, runChecks } from '@hadal/doctor'
 *
 * const report = runChecks(allChecks, { version: 1, takenAt: Date.now(), readings: {} }) // nothing was asked
 * report.findings.length > 0 // → true
 * ```
 */
export function runChecks(checks: readonly Check[], capture: Capture, causes: readonly Cause[] = []): Report {
  const context = { takenAt: capture.takenAt, causes }
  const findings = checks.flatMap((check) => {
    const { id, group, title } = check
    return verdictsOf(check, capture, context).map((verdict) => ({ id, group, title, ...verdict }))
  })
  const groups = [...new Set(checks.map(({ group }) => group))]
  const worstOf = (among: readonly Finding[]): number =>
    among.reduce(
      (worst, { severity }) => Math.min(worst, severities.indexOf(severity)),
      severities.length - 1,
    )
  const ranks = new Map(
    groups.map((group) => [group, worstOf(findings.filter((each) => each.group === group))]),
  )
  const before = (a: Finding, b: Finding): number =>
    ranks.get(a.group)! - ranks.get(b.group)! ||
    groups.indexOf(a.group) - groups.indexOf(b.group) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity)
  return {
    takenAt: capture.takenAt,
    findings: findings.toSorted(before),
    worst: severities[worstOf(findings)]!,
  }
}

function verdictsOf(check: Check, capture: Capture, context: CheckContext): readonly Verdict[] {
  try {
    const verdict = check.verdict(capture, context)
    return Array.isArray(verdict) ? verdict : [verdict as Verdict]
  } catch (thrown) {
    return [
      {
        severity: 'unknown',
        says: `the check itself failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        fix: { text: 'This is a bug in Hadal. Please report it with the capture.' },
      },
    ]
  }
}
