/**
 * Merges the sources of a table of settings: flags over environment over file over defaults. Every value records its source,
 * and the errors of all sources are reported together. Does no I/O: sources are arguments.
 */

import { nearest } from '@hadal/base'
import { configInvalid } from './errors.ts'
import { redact, redactText } from './redact.ts'
import { flagName, type Setting, type SettingsTable } from './setting.ts'

export interface SettingSources {
  /** By key, from the command line. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined
  /** Arguments unknown to the command line, in order: `--prot`, `9000`. */
  readonly unknownArguments?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  readonly file?: { readonly path: string; readonly values: Readonly<Record<string, unknown>> } | undefined
}

export interface Origin {
  readonly source: 'flag' | 'env' | 'file' | 'default'
  /** `--port`, `HADAL_PORT`, `hadal.config.ts`, or a description of the default. */
  readonly name: string
}

export interface Resolved<T> {
  readonly values: T
  readonly origins: { readonly [K in keyof T]: Origin }
  /** What was ignored, and why. */
  readonly notes: readonly string[]
}

export interface ResolveOptions<T> {
  /** Errors between several values. */
  readonly check?: (values: T) => readonly string[]
  /** HADAL_ variables used elsewhere. */
  readonly otherVariables?: readonly string[]
  /** Other flags of the command; for suggestions. */
  readonly otherFlags?: readonly string[]
}

/**
 * Throws `config_invalid` with all errors.
 *
 * @example
 * ```ts
 * import { resolveSettings, serviceSettings } from '@hadal/config'
 *
 * const { values, origins } = resolveSettings(serviceSettings, {
 *   file: { path: 'hadal.config.json', values: { model: 'model.gguf', port: 9000 } },
 *   env: { HADAL_PORT: '9001' },
 * })
 * values.port // → 9001
 * origins.port.source // → 'env'
 * ```
 */
export function resolveSettings<T extends object>(
  table: SettingsTable<T>,
  sources: SettingSources,
  options: ResolveOptions<T> = {},
): Resolved<T> {
  const { issues, ...resolved } = readSettings(table, sources, options)
  if (issues.length > 0) throw configInvalid(issues)
  return resolved
}

export interface Read<T> extends Resolved<T> {
  /** If there are any, erroneous values are returned as given. */
  readonly issues: readonly string[]
}

/**
 * Returns the errors, for callers that combine them with others.
 *
 * @example
 * ```ts
 * import { readSettings, serviceSettings } from '@hadal/config'
 *
 * const { values, issues } = readSettings(serviceSettings, { file: { path: 'hadal.config.json', values: { port: 'many' } } })
 * issues.length // → 1
 * ```
 */
export function readSettings<T extends object>(
  table: SettingsTable<T>,
  given: SettingSources,
  options: ResolveOptions<T> = {},
): Read<T> {
  const rows = Object.entries(table) as [keyof T & string, Setting<unknown>][]
  const issues: string[] = []
  const notes: string[] = []
  const values: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  const sources = withCurrentNames(rows, given, notes)
  const env = withoutServiceLinks(sources.env ?? {}, notes)

  for (const [key, row] of rows) {
    const [origin, given] = choose(key, row, sources, env)
    origins[key] = origin
    values[key] = given
    if (origin.source === 'default') continue
    const read = typeof given === 'string' ? row.kind.read(given) : given
    const { success, data } = row.kind.schema.safeParse(read)
    if (success) values[key] = data
    else if (row.kind.issues !== undefined) {
      const at = origin.source === 'file' ? `${origin.name}: ` : ''
      issues.push(...row.kind.issues(read).map((issue) => at + issue))
    } else {
      const shown = row.secret ? 'the value' : (JSON.stringify(redact(given)) ?? String(given))
      issues.push(`${label(key, origin)}: ${shown} is not ${row.kind.expected}`)
    }
  }
  issues.push(...unknownKeys(rows, sources), ...unknownVariables(rows, env, options.otherVariables ?? []))
  issues.push(...unknownFlags(rows, sources.unknownArguments ?? [], options.otherFlags ?? []))
  if (issues.length === 0) issues.push(...(options.check?.(values as T) ?? []))
  return { values: values as T, origins: origins as Resolved<T>['origins'], notes, issues }
}

/** Renames deprecated keys and variables. If both names are given, the old one stays and is reported as unknown. */
function withCurrentNames(
  rows: readonly [string, Setting<unknown>][],
  sources: SettingSources,
  notes: string[],
): SettingSources {
  const values = { ...sources.file?.values }
  const env = { ...sources.env }
  const rename = (from: Record<string, unknown>, old: string, current: string | null): void => {
    if (current === null || from[old] === undefined || from[current] !== undefined) return
    from[current] = from[old]
    delete from[old]
    notes.push(`${old} is deprecated; use ${current}`)
  }
  for (const [key, { formerly, env: variable }] of rows) {
    if (formerly === undefined) continue
    rename(values, formerly, key)
    rename(env, variableOf(formerly), variable)
  }
  return { ...sources, env, ...(sources.file !== undefined && { file: { ...sources.file, values } }) }
}

/** `maxQueue` to `HADAL_MAX_QUEUE`. */
const variableOf = (key: string): string =>
  `HADAL_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

function choose(
  key: string,
  row: Setting<unknown>,
  sources: SettingSources,
  env: Readonly<Record<string, string | undefined>>,
): [Origin, unknown] {
  const fromFlag = row.flag === null ? undefined : sources.flags?.[key]
  if (fromFlag !== undefined) return [{ source: 'flag', name: longFlag(row.flag!) }, fromFlag]
  const fromEnv = row.env === null ? undefined : env[row.env]
  if (fromEnv !== undefined && fromEnv !== '') return [{ source: 'env', name: row.env! }, fromEnv]
  const file = sources.file
  if (file?.values[key] !== undefined) return [{ source: 'file', name: file.path }, file.values[key]]
  return [{ source: 'default', name: row.defaultDoc ?? 'default' }, row.default]
}

const label = (key: string, origin: Origin): string =>
  origin.source === 'file' ? `${origin.name}: ${key}` : origin.name

const meant = (suggestion: string | undefined): string =>
  suggestion === undefined ? '' : `; did you mean ${suggestion}?`

function unknownKeys(rows: readonly [string, unknown][], { file }: SettingSources): string[] {
  const known = new Set(rows.map(([key]) => key))
  return Object.keys(file?.values ?? {})
    .filter((key) => !known.has(key))
    .map((key) => `${file!.path}: there is no setting ${redactText(key)}${meant(nearest(key, known))}`)
}

function unknownVariables(
  rows: readonly [string, Setting<unknown>][],
  env: Readonly<Record<string, string | undefined>>,
  others: readonly string[],
): string[] {
  const known = new Set([...rows.flatMap(([, row]) => row.env ?? []), ...others])
  return Object.keys(env)
    .filter((name) => name.startsWith('HADAL_') && !known.has(name))
    .map((name) => `${name}: there is no such variable${meant(nearest(name, known))}`)
}

function unknownFlags(
  rows: readonly [string, Setting<unknown>][],
  unknown: readonly string[],
  others: readonly string[],
): string[] {
  const known = [...rows.flatMap(([, row]) => (row.flag === null ? [] : longFlag(row.flag))), ...others]
  return unknown.flatMap((argument, index) => {
    if (argument.startsWith('-')) {
      const name = argument.split('=', 1)[0]!
      return `${name}: there is no such flag${meant(nearest(name, known))}`
    }
    const isValue = unknown[index - 1]?.startsWith('-') && !unknown[index - 1]?.includes('=')
    return isValue ? [] : `${argument}: unexpected argument`
  })
}

/** `-p, --port <number>` to `--port`. */
function longFlag(flag: string): string {
  return flagName(flag.replace(/^-\w, /, ''))
}

/** Kubernetes sets HADAL_PORT=tcp://... and similar variables in every pod if there is a Service named hadal. */
function withoutServiceLinks(
  env: Readonly<Record<string, string | undefined>>,
  notes: string[],
): Record<string, string | undefined> {
  const isLink = (name: string, value: string | undefined): boolean =>
    /^HADAL_(?:.+_)?(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP|SCTP))/.test(name) ||
    (/^HADAL_(?:.+_)?PORT$/.test(name) && /^(?:tcp|udp|sctp):/.test(value ?? ''))
  const links = Object.entries(env).filter(([name, value]) => isLink(name, value))
  if (links.length > 0)
    notes.push(
      `ignored ${links.map(([name]) => name).join(', ')}: set by Kubernetes for a Service, not a setting`,
    )
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => !isLink(name, value)))
}
