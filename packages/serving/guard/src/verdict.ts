/** What a guard says of a text. For administrators: what callers are told of it is in `told-to-callers.ts`. */

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
  /** Severest first. */
  readonly findings: readonly VerdictFinding[]
  /** The text, its findings replaced where the action is to redact; as it came otherwise. */
  readonly text: string
  /** Where the action is `reply`. */
  readonly reply?: string
  /** By check: 0 to 1. */
  readonly suspicion: Readonly<Record<string, number>>
  readonly abstained: Readonly<Record<string, string>>
  /** Checks that threw or took too long, and why. */
  readonly failed: Readonly<Record<string, string>>
  /** Not acted on, and so near to it that it counts as a try. */
  readonly isNearMiss: boolean
  /** The views first, under the layer `views`. */
  readonly timings: readonly StepTiming[]
  readonly micros: number
}
