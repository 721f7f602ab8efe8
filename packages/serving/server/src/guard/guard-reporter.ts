/** Reports verdicts to metrics, the audit log and, if a check failed, the log. */

import { type Logger, messageOf } from '@hadal/base'
import type { Verdict } from '@hadal/guard'
import type { Telemetry } from '@hadal/telemetry'
import type { GuardAudit } from './server-guard.ts'

/** The client: a name for policies, and a key for the budget of blocked attempts. */
export interface GuardCaller {
  /** Empty if keys are not used. */
  readonly name: string
  readonly id: string
}

export interface Reported {
  readonly requestId: string
  readonly caller: GuardCaller
  readonly verdict: Verdict
  readonly text: string
  /** The fixed response, if no model responded. */
  readonly answered?: string
}

export class GuardReporter {
  readonly #telemetry: Telemetry
  readonly #logger: Logger
  readonly #audit: () => GuardAudit | undefined

  constructor(telemetry: Telemetry, logger: Logger, audit: () => GuardAudit | undefined) {
    this.#telemetry = telemetry
    this.#logger = logger
    this.#audit = audit
  }

  report({ requestId, caller, verdict, text, answered }: Reported): void {
    this.#telemetry.guardVerdict(verdict)
    const key = caller.id === '' ? {} : { key: { id: caller.id, name: caller.name } }
    this.#audit()?.write({ requestId, ...key, verdict, text, ...(answered !== undefined && { answered }) })
    for (const [check, why] of Object.entries(verdict.failed))
      this.#logger.warn(`the guard's check ${check} failed: ${why}`, { requestId })
  }

  /** Records a failure of the guard itself. */
  failed(requestId: string, error: unknown): void {
    this.#logger.error(`the guard failed: ${messageOf(error)}`, { requestId, error })
    this.#telemetry.guardVerdict({
      action: 'failed',
      role: 'none',
      findings: [],
      timings: [],
      failed: { guard: error },
    })
  }

  withheld(tokens: number): void {
    this.#telemetry.guardWithheld(tokens)
  }
}
