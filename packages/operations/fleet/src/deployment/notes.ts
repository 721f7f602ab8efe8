/** Notes of a plan: issues, all reported at once, and the reason of each choice. */

import type { Reason } from './deployment.ts'

export class Notes {
  readonly faults: string[] = []
  readonly reasons: Reason[] = []

  fault(what: string): void {
    if (!this.faults.includes(what)) this.faults.push(what)
  }

  /** `what` is chosen because of `why`. */
  chose(what: string, why: string): void {
    if (!this.reasons.some((reason) => reason.what === what && reason.why === why))
      this.reasons.push({ what, why })
  }
}
