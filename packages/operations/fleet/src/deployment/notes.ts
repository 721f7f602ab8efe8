/** Notes of a plan: issues, all reported at once, and the reason of each choice. */

import type { Reason } from './deployment.ts'

export class Notes {
  readonly issues: string[] = []
  readonly reasons: Reason[] = []

  issue(what: string): void {
    if (!this.issues.includes(what)) this.issues.push(what)
  }

  /** `what` is chosen because of `why`. */
  chose(what: string, why: string): void {
    if (!this.reasons.some((reason) => reason.what === what && reason.why === why))
      this.reasons.push({ what, why })
  }
}
