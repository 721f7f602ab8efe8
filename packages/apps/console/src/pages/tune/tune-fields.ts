/** The options of a tuning: a row each, from which the form is made. Defaults are those of `hadal tune`. */

import type { TuneJobOptions } from '@hadal/protocol'

interface FieldBase {
  readonly group: 'traffic' | 'promise' | 'more' | 'search'
  /** Default of `hadal tune`. */
  readonly byDefault: string
}

export interface NumberRow extends FieldBase {
  readonly kind: 'number'
  readonly name: Extract<
    keyof TuneJobOptions,
    | 'rate'
    | 'requests'
    | 'embedShare'
    | 'keys'
    | 'prefixes'
    | 'prefixTokens'
    | 'trafficSeed'
    | 'validate'
    | 'validateForMillis'
    | 'sloTtftMillis'
    | 'sloItlMillis'
  >
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly unit?: string
}

export interface TextRow extends FieldBase {
  readonly kind: 'text'
  readonly name: Extract<
    keyof TuneJobOptions,
    'promptTokens' | 'outputTokens' | 'embedTokens' | 'threadsTried'
  >
}

export type FieldRow = NumberRow | TextRow

export const fieldRows: readonly FieldRow[] = [
  { kind: 'number', name: 'rate', group: 'traffic', byDefault: '2', min: 0.01, max: 100_000, step: 0.01 },
  { kind: 'number', name: 'requests', group: 'traffic', byDefault: '1500', min: 1, max: 100_000 },
  { kind: 'text', name: 'promptTokens', group: 'traffic', byDefault: 'lognormal:96,0.8' },
  { kind: 'text', name: 'outputTokens', group: 'traffic', byDefault: 'lognormal:48,0.7' },
  {
    kind: 'number',
    name: 'sloTtftMillis',
    group: 'promise',
    byDefault: '500',
    min: 1,
    max: 3_600_000,
    unit: 'ms',
  },
  {
    kind: 'number',
    name: 'sloItlMillis',
    group: 'promise',
    byDefault: '',
    min: 1,
    max: 3_600_000,
    unit: 'ms',
  },
  { kind: 'number', name: 'validate', group: 'search', byDefault: '2', min: 0, max: 16 },
  {
    kind: 'number',
    name: 'validateForMillis',
    group: 'search',
    byDefault: '20000',
    min: 1000,
    max: 600_000,
    unit: 'ms',
  },
  { kind: 'text', name: 'threadsTried', group: 'search', byDefault: '' },
  { kind: 'number', name: 'embedShare', group: 'more', byDefault: '0', min: 0, max: 1, step: 0.05 },
  { kind: 'text', name: 'embedTokens', group: 'more', byDefault: 'lognormal:48,0.6' },
  { kind: 'number', name: 'keys', group: 'more', byDefault: '1', min: 1, max: 1000 },
  { kind: 'number', name: 'prefixes', group: 'more', byDefault: '4', min: 1, max: 1000 },
  { kind: 'number', name: 'prefixTokens', group: 'more', byDefault: '0', min: 0, max: 100_000 },
  { kind: 'number', name: 'trafficSeed', group: 'more', byDefault: '1', min: 0, max: 2 ** 31 },
]

export type FormValues = Readonly<Partial<Record<FieldRow['name'], number | string>>> & {
  readonly traffic?: NonNullable<TuneJobOptions['traffic']> | 'recorded'
  readonly recorded?: string
}

/** Options for POST /hadal/jobs; empty fields are omitted. */
export function optionsOf({ traffic = 'poisson', recorded, ...values }: FormValues): Record<string, unknown> {
  const said = Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined || value === '') return []
    if (name === 'threadsTried')
      return [
        [
          name,
          String(value)
            .split(/[\s,]+/)
            .filter(Boolean)
            .map(Number),
        ],
      ]
    return [[name, typeof value === 'string' ? value.trim() : value]]
  })
  const source = traffic === 'recorded' ? { recorded: recorded ?? '' } : { traffic }
  return { ...source, ...Object.fromEntries(said) }
}
