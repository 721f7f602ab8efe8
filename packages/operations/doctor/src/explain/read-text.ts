/** A text as lines, with the time and level of each. */

import type { LogLine } from './cause.ts'
import type { StampClock } from './line-stamp.ts'
import type { TextKind } from './text-kind.ts'

export interface ReadLine extends LogLine {
  /** As an editor counts it, from 1. Several of these may have the same. */
  readonly number: number
  readonly clock?: StampClock
  /** By that clock. */
  readonly millis?: number
  readonly isKernel?: boolean
  /** Set for an object line whose level is informational. */
  readonly isCalm?: boolean
  at?: number
}

export interface ReadText {
  readonly name: string
  readonly kind: TextKind
  readonly lines: readonly ReadLine[]
  readonly lineCount: number
  readonly isCut: boolean
  readonly takenAt?: number
  readonly bootAt?: number
  /** About its times, for people. */
  clockNotes: readonly string[]
}
