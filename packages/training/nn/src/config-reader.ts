/**
 * Reads the values of a Hugging Face config.json and collects every issue, so that all are reported at once. Unread keys are
 * ignored: such files contain much that is irrelevant to the model.
 */

import { isPlainObject } from '@hadal/base'

export class ConfigReader {
  readonly issues: string[] = []
  readonly #values: Readonly<Record<string, unknown>>
  readonly #prefix: string

  /** `json` is the parsed value; `path` is its location in issues if it is nested in another object. */
  constructor(json: unknown, path = '') {
    const isObject = isPlainObject(json)
    this.#values = isObject ? (json as Record<string, unknown>) : {}
    this.#prefix = path === '' ? '' : `${path}.`
    if (!isObject) this.issues.push(`${path || 'config.json'} is ${show(json)}; it must be an object`)
  }

  /** The raw value; undefined if absent or null. */
  raw(key: string): unknown {
    return this.#values[key] ?? undefined
  }

  /** An integer of at least `least`; returns `absent` if the key is missing or null, an issue if no `absent` is given. */
  count<T = number>(key: string, { absent, least = 1 }: CountOptions<T> = {}): number | T {
    const test = (value: unknown): value is number =>
      Number.isSafeInteger(value) && (value as number) >= least
    return this.#read(key, test, `a whole number of at least ${least}`, absent, least)
  }

  /** A finite number above 0. */
  positive(key: string, absent?: number): number {
    const test = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0
    return this.#read(key, test, 'a number above 0', absent, 1)
  }

  /** A finite number of at least 0. */
  nonNegative(key: string, absent?: number): number {
    const test = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0
    return this.#read(key, test, 'a number of at least 0', absent, 0)
  }

  flag(key: string, absent: boolean): boolean {
    return this.#read(key, (value) => typeof value === 'boolean', 'true or false', absent, absent)
  }

  oneOf<const T extends string>(key: string, allowed: readonly T[], absent?: T): T {
    const test = (value: unknown): value is T => allowed.includes(value as T)
    return this.#read(key, test, allowed.map(show).join(' or '), absent, allowed[0]!)
  }

  /** Adds an issue if `key` has any value other than `supported`, because that would change the computation. */
  only(key: string, supported: unknown): void {
    const value = this.raw(key)
    if (value !== undefined && value !== supported)
      this.issues.push(`${this.#prefix}${key} is ${show(value)}; only ${show(supported)} is supported`)
  }

  #read<V, T>(
    key: string,
    test: (value: unknown) => value is V,
    wanted: string,
    absent: T | undefined,
    standIn: V,
  ): V | T {
    const value = this.raw(key)
    if (value === undefined && absent !== undefined) return absent
    if (test(value)) return value
    const found = value === undefined ? 'missing' : show(value)
    this.issues.push(`${this.#prefix}${key} is ${found}; it must be ${wanted}`)
    return standIn
  }
}

interface CountOptions<T> {
  readonly absent?: T
  readonly least?: number
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

/**
 * Newer files keep rope_theta and the rope scaling together under `rope_parameters`: returns the older form. Other values are
 * returned unchanged.
 */
export function withRopeAsBefore(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || !('rope_parameters' in json)) return json
  const { rope_parameters: parameters, ...rest } = json
  if (typeof parameters !== 'object' || parameters === null) return rest
  const theta = 'rope_theta' in parameters && { rope_theta: parameters.rope_theta }
  return { ...theta, rope_scaling: parameters, ...rest }
}
