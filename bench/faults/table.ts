/** The table of a run, for the report and for docs/reliability.md. */

import { markdownTable } from '../report-files.ts'
import { type Outcome, total } from './scenario.ts'

export interface ScenarioResult {
  readonly name: string
  readonly inject: string
  readonly seconds: number
  readonly outcome?: Outcome
  /** Why it did not run. */
  readonly skipped?: string
  /** The scenario itself threw. */
  readonly failed?: string
}

export function scenarioTable(results: readonly ScenarioResult[]): string {
  return markdownTable(
    ['failure', 'injected', 'survived', 'requests', 'answered', 'refused', 'lost', 'duplicated', 'result'],
    results.map(({ name, outcome, skipped, failed }) => {
      if (outcome === undefined)
        return [
          name,
          '',
          '',
          '',
          '',
          '',
          '',
          '',
          failed === undefined ? `skipped: ${skipped}` : `failed: ${failed}`,
        ]
      const { injected, survived, requests, answered, refused, lost, duplicated, problems, note } = outcome
      const result = problems.length === 0 ? 'pass' : shortened(problems)
      const counts = [injected, survived, requests, answered, total(refused), total(lost), duplicated]
      return [name, ...counts, note === undefined ? result : `${result} (${note})`]
    }),
  )
}

const shortened = (problems: readonly string[]): string =>
  problems.length > 4
    ? `${problems.slice(0, 3).join('; ')}; ${problems.length - 3} more`
    : problems.join('; ')
