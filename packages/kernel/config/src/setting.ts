/** One row of a table of settings: everything that files, environment, flags, types and docs say about it. */

import type { Kind } from './kinds.ts'

export interface Setting<T> {
  readonly kind: Kind<T>
  readonly default: T
  /** Stands in for the default where that is decided at run time or is no value. */
  readonly defaultDoc?: string
  /** One or two sentences for the reference page and `--help`. */
  readonly doc: string
  /** The heading it stands under in `--help`. */
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
  /** What numbers count; null for none. */
  readonly unit: string | null
  /** As commander writes it: `--port <number>`. Explicitly null where a setting has no flag. */
  readonly flag: string | null
  /** Explicitly null where a setting has no environment variable. */
  readonly env: string | null
  /** A key or password: never printed. */
  readonly secret?: true
  /**
   * What becomes of a change in the config file while a service runs: `live` holds from the next request on, `lower` too,
   * as far as it is no more than the service was started with. Absent: it waits for a restart.
   */
  readonly reload?: 'live' | 'lower'
  /** What may stand in it, where it is an object. */
  readonly within?: readonly Part[]
}

/** Of a setting that is an object. */
export interface Part {
  readonly name: string
  readonly doc: string
  readonly expected: string
  /** Empty where there is none. */
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
 * The default as people read it.
 *
 * @internal
 */
export function describeDefault(row: Pick<Setting<unknown>, 'default' | 'defaultDoc'>): string {
  if (row.defaultDoc !== undefined) return row.defaultDoc
  const value = row.default
  if (value === undefined) return 'none'
  return Array.isArray(value) ? value.join(',') || 'none' : String(value)
}
