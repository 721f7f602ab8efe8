/** What a server needs of a guard and of its audit. Those of `@hadal/guard` are such; so may be others. */

import type { Role, Step, Verdict } from '@hadal/guard'

export interface ServerGuard {
  screen(
    text: string,
    options: { readonly role: Role; readonly key?: string; readonly alsoSteps?: readonly Step[] },
  ): Promise<Verdict>
  /** The same object for as long as texts get the same verdicts. */
  policyFor(role: Role, key?: string): GuardPolicy
  stepsFor(role: Role, key?: string): readonly Step[]
  /** Where blocked queries are counted. Times are milliseconds of a monotonic clock. */
  readonly budget?: GuardBudget | undefined
}

/** `RolePolicy` is one. */
export interface GuardPolicy {
  readonly failClosed: boolean
  readonly reply: string
  readonly blockAs: 'answer' | 'error'
  readonly tokenPrompts: 'allow' | 'refuse'
  /** Of what is looked for: all kinds where none are named. */
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

/** `QueryBudget` is one. */
export interface GuardBudget {
  /** 0: may ask. */
  lockedFor(caller: string, now: number): number
  note(caller: string, verdict: Verdict, now: number): void
  unlock(caller: string): boolean
  locked(now: number): readonly { readonly caller: string; readonly forMillis: number }[]
}

export interface GuardAudit {
  /** Never throws, and never waits. */
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
  /** Only what has a lower id: the next page. */
  readonly before?: number
  readonly limit?: number
}

/** What screens the requests of a server. */
export interface Guarding {
  readonly guard: ServerGuard
  readonly audit?: GuardAudit
}
