/** One row of a table of settings: everything that files, environment, flags, types and docs need. */

import type { Kind } from './kinds.ts'

export interface Setting<T> {
  readonly kind: Kind<T>
  readonly default: T
  /** Documents a default that is decided at run time or is not a value. */
  readonly defaultDoc?: string
  /** One or two sentences for the reference page and `--help`. */
  readonly doc: string
  /** Its heading in `--help`. */
  readonly group:
    | 'Model'
    | 'Network'
    | 'Security'
    | 'Batching'
    | 'Requests'
    | 'Start'
    | 'Operation'
    | 'Fleet'
    | 'Run'
    | 'Precision'
    | 'Schedule'
    | 'Optimizer'
    | 'Objective'
    | 'Adapters'
    | 'Guard'
    | 'Evaluation'
    | 'Checkpoints'
    | 'Parallel'
    | 'Privacy'
    | 'Quantization'
  /** The unit of numbers; null if none. */
  readonly unit: string | null
  /** In commander's syntax: `--port <number>`. Explicitly null if there is no flag. */
  readonly flag: string | null
  /** Explicitly null if there is no environment variable. */
  readonly env: string | null
  /** Its key in the previous minor version, still accepted in files and, as `HADAL_...`, in the environment. */
  readonly formerly?: string
  /** A key or password: never printed. */
  readonly secret?: true
  /**
   * How a change in the config file applies to a running service: `live` from the next request on; `lower` likewise, up to the
   * value at start. Absent: requires a restart.
   */
  readonly reload?: 'live' | 'lower'
  /** Its parts, if it is an object. */
  readonly within?: readonly Part[]
}

/** A part of a setting that is an object. */
export interface Part {
  readonly name: string
  readonly doc: string
  readonly expected: string
  /** Empty if there is none. */
  readonly default: string
}

export type SettingsTable<T> = { readonly [K in keyof T]-?: Setting<T[K]> }

export function setting<T>(row: Setting<T>): Setting<T> {
  return row
}

/** `--max-queue <requests>` to `--max-queue`. */
export function flagName(flag: string): string {
  return flag.split(/[ ,]/, 1)[0]!
}

/**
 * The default in readable form.
 *
 * @internal
 */
export function describeDefault(row: Pick<Setting<unknown>, 'default' | 'defaultDoc'>): string {
  if (row.defaultDoc !== undefined) return row.defaultDoc
  const value = row.default
  if (value === undefined) return 'none'
  return Array.isArray(value) ? value.join(',') || 'none' : String(value)
}
