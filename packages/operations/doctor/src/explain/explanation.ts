/** The result of `hadal doctor explain`. Plain JSON. */

import type { Fix } from '../checks/fix.ts'
import type { CauseFamily, CauseSeverity, Figures } from './cause.ts'

/** A log, an error, dmesg, events of a cluster, the output of nvidia-smi: found out by how it looks. */
export interface ExplainInput {
  /** As people know it: `train.log`, `stdin`. */
  readonly name: string
  readonly text: string
  /** The file was longer; this is its end. */
  readonly isCut?: boolean
  /** When it was taken, in milliseconds of the epoch: ages (`5m` of kubectl) count back from there, and dates without a year. */
  readonly takenAt?: number
  /** When its machine started, in milliseconds of the epoch: the kernel counts from there. */
  readonly bootAt?: number
}

export interface Evidence {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

export interface SeenCause {
  readonly id: string
  readonly family: CauseFamily
  readonly severity: CauseSeverity
  readonly title: string
  readonly says: string
  readonly fix: Fix
  readonly figures: Figures
  readonly evidence: readonly Evidence[]
  /** How often it was seen in all texts. */
  readonly times: number
  /** First and last time, where lines say so. */
  readonly firstAt?: number
  readonly lastAt?: number
  /** The cause brought it about. */
  readonly isConsequence?: boolean
  readonly source: { readonly title: string; readonly url?: string }
}

export interface TimelineEntry {
  /** Milliseconds of the epoch; absent where only the order is known. */
  readonly at?: number
  readonly file: string
  readonly line: number
  readonly causeId: string
  readonly text: string
  /** How often it was seen there before something else was. */
  readonly times?: number
}

export interface Explanation {
  /** The one that explains the rest; undefined: unknown, and nothing is guessed. */
  readonly cause: SeenCause | undefined
  /** Other causes seen: consequences of the cause, and unrelated ones. */
  readonly alsoSeen: readonly SeenCause[]
  readonly timeline: readonly TimelineEntry[]
  /** Texts read, and their kinds: `dmesg.txt: kernel log, 412 lines`. */
  readonly read: readonly string[]
  /** If the cause is unknown: the lines that look like errors, for manual diagnosis. */
  readonly suspicious: readonly Evidence[]
  /** No text has a line that a program wrote: they are empty, or are no texts. Nothing can be said of those, not that all is well. */
  readonly isNothingThere?: boolean
}
