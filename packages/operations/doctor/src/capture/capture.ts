/**
 * A capture: raw readings of a machine, cluster or server by source name, so that another machine's capture is judged like this
 * one's. Judging performs no I/O.
 */

/** What one source said, or why it said nothing. */
export type RawReading =
  | { readonly text: string; readonly isCut?: boolean }
  | {
      readonly failed: 'absent' | 'refused' | 'timed-out' | 'exited' | 'unreadable'
      /** For people: `exit code 9`, `no response within 10 s`. */
      readonly detail: string
      /** Output until the failure. */
      readonly text?: string
    }

export interface Capture {
  readonly version: 1
  /** Milliseconds of the epoch. */
  readonly takenAt: number
  /** By name of source. Absent: not read. */
  readonly readings: Readonly<Record<string, RawReading>>
}

/** Something to read, and how. The `hadal` command knows no sources: it reads this table. */
export interface Source {
  /** `nvidia-smi-query`, `proc-meminfo`: stable, for captures are kept. */
  readonly name: string
  /** Description for docs. */
  readonly about: string
  readonly read: /** Killed with its whole process group after the limit. Runs with LC_ALL=C. */
    | {
        readonly kind: 'command'
        readonly command: readonly string[]
        readonly limitMillis: number
        /** Derives the command from another source's output; undefined keeps `command` unchanged. */
        readonly adapt?: {
          readonly after: string
          readonly command: (text: string) => readonly string[] | undefined
        }
      }
    | { readonly kind: 'file'; readonly path: string; readonly maxBytes?: number }
    /** Path and query after the base URL of the checked server. */
    | { readonly kind: 'server'; readonly path: string; readonly limitMillis: number }
    /** Read-only request to the cluster's API: `/api/v1/nodes`. */
    | { readonly kind: 'kubernetes'; readonly path: string; readonly limitMillis: number }
    /** Found out by code of the `hadal` command that goes by this source's name; its text is JSON. */
    | { readonly kind: 'probe' }
}

/** The text of a source; undefined when it was not read or returned none. */
export function textOf(capture: Capture, name: string): string | undefined {
  return capture.readings[name]?.text
}
