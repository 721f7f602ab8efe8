/** Interfaces a server requires of a guard and its audit log. `@hadal/guard` implements them. */

import type { Role, Step, Verdict } from '@hadal/guard'

export interface ServerGuard {
  screen(
    text: string,
    options: { readonly role: Role; readonly key?: string; readonly alsoSteps?: readonly Step[] },
  ): Promise<Verdict>
  /** Returns the same object while verdicts stay the same. */
  policyFor(role: Role, key?: string): GuardPolicy
  stepsFor(role: Role, key?: string): readonly Step[]
  /** Counts blocked requests. Times are milliseconds of a monotonic clock. */
  readonly budget?: GuardBudget | undefined
}

/** Implemented by `RolePolicy`. */
export interface GuardPolicy {
  readonly failClosed: boolean
  readonly reply: string
  readonly blockAs: 'answer' | 'error'
  readonly tokenPrompts: 'allow' | 'refuse'
  /** Enabled checks; all if none are named. */
  readonly checks: {
    readonly secrets: { readonly kinds?: readonly string[] }
    readonly personalData: { readonly kinds?: readonly string[] }
  }
  readonly output: {
    readonly holdBackTokens: number
    readonly leak: Step['action'] | 'off'
    readonly canary: Step['action'] | 'off'
    readonly secrets: Step['action'] | 'off'
    readonly personalData: Step['action'] | 'off'
  }
}

/** Implemented by `QueryBudget`. */
export interface GuardBudget {
  /** Remaining lockout; 0 means allowed. */
  lockedFor(caller: string, now: number): number
  note(caller: string, verdict: Verdict, now: number): void
  unlock(caller: string): boolean
  locked(now: number): readonly { readonly caller: string; readonly forMillis: number }[]
}

export interface GuardAudit {
  /** Never throws or blocks. */
  write(entry: {
    readonly requestId: string
    readonly key?: { readonly id: string; readonly name: string }
    readonly verdict: Verdict
    readonly text: string
    readonly answered?: string
  }): void
  read(query: GuardAuditQuery): Promise<readonly unknown[]>
}

export interface GuardAuditQuery {
  readonly since?: number
  readonly until?: number
  readonly action?: Verdict['action']
  readonly key?: string
  readonly layer?: string
  readonly requestId?: string
  /** Only entries with a lower id, for paging. */
  readonly before?: number
  readonly limit?: number
}

/** The guard of a server's requests. */
export interface Guarding {
  readonly guard: ServerGuard
  readonly audit?: GuardAudit
}
