/** Merges the findings of one output into a verdict; overlapping windows repeat findings. */

import { type Action, actions } from '../check.ts'
import type { Verdict, VerdictFinding } from '../verdict.ts'

const severity = (action: Verdict['action']): number => actions.indexOf(action as Action)

export class OutputRecord {
  readonly #findings: VerdictFinding[] = []
  readonly #known = new Set<string>()
  #merged: Verdict | undefined

  /** `offset`: start of the screened window in the channel's text. */
  add(channel: string, verdict: Verdict, offset: number): void {
    const before = this.#merged
    for (const finding of verdict.findings) this.found(channel, finding, offset)
    const isWorse = before === undefined || severity(verdict.action) > severity(before.action)
    this.#merged = {
      ...(isWorse ? verdict : before),
      suspicion: higher(before?.suspicion, verdict.suspicion),
      failed: { ...before?.failed, ...verdict.failed },
      timings:
        before === undefined ? verdict.timings : [...before.timings, ...verdict.timings].slice(-maxTimings),
      micros: (before?.micros ?? 0) + verdict.micros,
      // Model output is not stored.
      text: '',
    }
  }

  found(channel: string, finding: VerdictFinding, offset: number): void {
    const name = `${channel}/${finding.check}/${finding.rule}`
    if (this.#known.has(name)) return
    this.#known.add(name)
    const { start, end } = finding.span
    this.#findings.push({ ...finding, span: { start: start + offset, end: end + offset } })
  }

  /** Undefined if nothing was screened. */
  get verdict(): Verdict | undefined {
    if (this.#merged === undefined) return undefined
    const findings = this.#findings.toSorted((a, b) => severity(b.action) - severity(a.action))
    const worst = findings[0]?.action ?? 'allow'
    const action = severity(worst) > severity(this.#merged.action) ? worst : this.#merged.action
    return { ...this.#merged, action, findings }
  }
}

const maxTimings = 64

function higher(
  a: Readonly<Record<string, number>> = {},
  b: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const all: Record<string, number> = { ...a }
  for (const [check, suspicion] of Object.entries(b)) all[check] = Math.max(all[check] ?? 0, suspicion)
  return all
}
