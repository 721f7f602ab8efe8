/**
 * A scenario injects one kind of failure into running processes, sends requests meanwhile, and accounts for each of them. It
 * knows nothing about tables and reports.
 */

export interface Scenario {
  /** The first column of the table. */
  readonly name: string
  /** How the failure is injected, in one sentence. */
  readonly inject: string
  /** Why it cannot run on this machine, if so. */
  readonly unavailable?: () => string | undefined
  /** `scale` is 1 for the published run; the tests use less. */
  readonly run: (scale: number) => Promise<Outcome>
}

export interface Outcome {
  /** Failures that were injected. */
  readonly injected: number
  /** Of these, how many were followed by a correct response. */
  readonly survived: number
  readonly requests: number
  /** Exactly one complete response. */
  readonly answered: number
  /** An error with a code, by code. */
  readonly refused: Readonly<Record<string, number>>
  /** No response, a truncated one or an error without a code, by reason; also usage that was not recorded. */
  readonly lost: Readonly<Record<string, number>>
  /** The response of another request, or usage recorded twice. */
  readonly duplicated: number
  /** What must not happen. Empty when the scenario passes. */
  readonly problems: readonly string[]
  readonly note?: string
}

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
