/** A guard's verdict, for administrators; `shown-to-callers.ts` has the part for callers. */

import type { Action, Finding, Language, Layer, Role } from './check.ts'

export interface VerdictFinding extends Finding {
  /** Name of the step. */
  readonly check: string
  readonly layer: Layer
  readonly action: Action
}

export interface StepTiming {
  readonly check: string
  readonly layer: Layer
  readonly micros: number
}

export interface Verdict {
  readonly action: Action | 'allow'
  readonly role: Role
  readonly language: Language
  /** Most severe first. */
  readonly findings: readonly VerdictFinding[]
  /** The text, with findings replaced if the action is redact. */
  readonly text: string
  /** Set if the action is `reply`. */
  readonly reply?: string
  /** By check: 0 to 1. */
  readonly suspicion: Readonly<Record<string, number>>
  readonly abstained: Readonly<Record<string, string>>
  /** Checks that threw or timed out, with the reason. */
  readonly failed: Readonly<Record<string, string>>
  /** Allowed, but close enough to the threshold to count as an attempt. */
  readonly isNearMiss: boolean
  /** Views first, under the layer `views`. */
  readonly timings: readonly StepTiming[]
  readonly micros: number
}
