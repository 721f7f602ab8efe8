/** A cause of failures: its patterns, meaning and remedy. `@hadal/causes` is a catalogue of them. */

import type { Fix } from '../checks/fix.ts'

export type CauseFamily =
  | 'cuda'
  | 'xid'
  | 'memory'
  | 'nccl'
  | 'driver'
  | 'kubernetes'
  | 'node'
  | 'llama'
  | 'python'
  | 'training'
  | 'network'
  | 'disk'

export type CauseSeverity = 'note' | 'warning' | 'error' | 'critical'

/** What the named groups of its patterns caught: `requestedBytes`, `pid`, `xid`. */
export type Figures = Readonly<Record<string, string>>

/** Lines `from` to `to` of a text, and the values found in them. */
export interface Sighting {
  /** Indexes of lines, of this text, counted from 0. `to` is included. */
  readonly from: number
  readonly to: number
  readonly figures: Figures
}

/** One line of a text, without its end, its colours and what a logger writes before the message. */
export interface LogLine {
  readonly text: string
  /** As it stood there, without its end. */
  readonly raw: string
  /** Milliseconds of the epoch, where the line said so. */
  readonly at?: number
}

export interface Cause {
  /** `cuda_oom_fragmented`: stable. */
  readonly id: string
  readonly family: CauseFamily
  readonly title: string
  readonly severity: CauseSeverity
  /**
   * Symptoms: patterns that match a single line, each in linear time, or a function that reads several lines (a log whose norms
   * rise). A line is at most 4,096 characters. Any one pattern is sufficient.
   */
  readonly shows: readonly RegExp[] | ((lines: readonly LogLine[]) => readonly Sighting[])
  /** If one of these is seen, too, this entry caused it: `explains: ['nccl_peer_gone']`. The root of the entries seen is the cause. */
  readonly explains?: readonly string[]
  /**
   * Higher is more specific; 0 by default. 5: names the error with numbers. -1: the wording of something that has its reason elsewhere, a
   * bare exit code or `CrashLoopBackOff`: the cause where nothing else is seen. -2: never the cause.
   */
  readonly weight?: number
  /** What happened, with the values: one or two sentences. */
  readonly says: (figures: Figures) => string
  readonly fix: (figures: Figures) => Fix
  /** Where this is documented: a title and, if public, a URL. */
  readonly source: { readonly title: string; readonly url?: string }
}
