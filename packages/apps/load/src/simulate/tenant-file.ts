/** Validates tenants from a file. */

import { messageOf, nearest, parseMillis } from '@hadal/base'
import type { Arrivals, KeyLimit, LengthDistribution, Tenant } from '@hadal/batching'
import { parseLengthDistribution } from '../load/length-distribution.ts'

export interface TenantFields {
  readonly name?: string
  readonly traffic?: string
  /** Mean requests a second. */
  readonly rate?: number
  readonly burst?: string
  readonly silence?: string
  readonly swing?: number
  readonly period?: string
  readonly variation?: number
  readonly promptTokens?: string | number
  readonly outputTokens?: string | number
  readonly weight?: number
  readonly priority?: number
  readonly limit?: KeyLimit
}

/** Defaults of a tenant. */
export interface TenantDefaults {
  readonly promptTokens: LengthDistribution
  readonly outputTokens: LengthDistribution
}

const fieldNames: Readonly<Record<keyof TenantFields, true>> = {
  name: true,
  traffic: true,
  rate: true,
  burst: true,
  silence: true,
  swing: true,
  period: true,
  variation: true,
  promptTokens: true,
  outputTokens: true,
  weight: true,
  priority: true,
  limit: true,
}
const limitNames: Readonly<Record<keyof KeyLimit, true>> = {
  requestsPerMinute: true,
  tokensPerMinute: true,
  concurrency: true,
}
/** Additional fields per traffic kind. */
const trafficFields: Readonly<Record<string, readonly string[]>> = {
  poisson: [],
  gamma: ['variation'],
  bursts: ['burst', 'silence'],
  diurnal: ['swing', 'period'],
}
const own = new Set(Object.values(trafficFields).flat())

/** Adds all issues to `issues`. */
export function tenantsOf(list: unknown, defaults: TenantDefaults, issues: string[]): Tenant[] {
  if (!Array.isArray(list) || list.length === 0) {
    issues.push('it must be a list of tenants, with one at least')
    return []
  }
  const tenants = list.flatMap((each: unknown, at) => tenantOf(each, at, defaults, issues) ?? [])
  const names = tenants.map(({ name }) => name)
  for (const name of new Set(names.filter((each, at) => names.indexOf(each) < at)))
    issues.push(`there are two tenants ${JSON.stringify(name)}`)
  return tenants
}

function tenantOf(
  value: unknown,
  at: number,
  defaults: TenantDefaults,
  issues: string[],
): Tenant | undefined {
  const said = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
  const name = typeof said === 'string' && said !== '' ? said : undefined
  const who = name ?? `tenant ${at + 1}`
  const issue = (what: string): void => void issues.push(`${who}: ${what}`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    issue('it must be an object')
    return undefined
  }
  const fields = value as Record<string, unknown>
  unknownFields(fields, fieldNames, '', issue)
  if (name === undefined) issue('name must be a text')
  const number = (field: string, is: (value: number) => boolean, what: string, usual: number): number => {
    const given = fields[field] ?? usual
    if (typeof given === 'number' && Number.isFinite(given) && is(given)) return given
    issue(`${field} must be ${what}, not ${JSON.stringify(given)}`)
    return usual
  }
  const lengths = (field: keyof TenantDefaults): LengthDistribution =>
    fields[field] === undefined
      ? defaults[field]
      : (attempt(() => parseLengthDistribution(String(fields[field])), field, issue) ?? defaults[field])
  const limit = fields.limit === undefined ? undefined : limitOf(fields.limit, issue)
  return {
    name: who,
    arrivals: arrivalsOf(fields, number, issue),
    promptTokens: lengths('promptTokens'),
    outputTokens: lengths('outputTokens'),
    weight: number('weight', (weight) => weight > 0, 'a number above 0', 1),
    priority: number('priority', Number.isInteger, 'a whole number', 0),
    ...(limit !== undefined && { limit }),
  }
}

type ReadNumber = (field: string, is: (value: number) => boolean, what: string, usual: number) => number

function arrivalsOf(
  fields: Record<string, unknown>,
  number: ReadNumber,
  issue: (what: string) => void,
): Arrivals {
  const { traffic = 'poisson' } = fields
  const requestsPerSecond =
    fields.rate === undefined ? 0 : number('rate', (rate) => rate > 0, 'a number above 0', 1)
  if (fields.rate === undefined) issue('rate is missing: its mean requests a second')
  const millis = (field: string, usual: string): number =>
    attempt(() => positive(parseMillis(String(fields[field] ?? usual))), field, issue) ?? 1
  const allowed = typeof traffic === 'string' ? trafficFields[traffic] : undefined
  if (allowed !== undefined)
    for (const field of Object.keys(fields))
      if (own.has(field) && !allowed.includes(field)) issue(`${field} says nothing of ${traffic} traffic`)
  switch (traffic) {
    case 'poisson':
      return { kind: 'poisson', requestsPerSecond }
    case 'gamma':
      return {
        kind: 'gamma',
        requestsPerSecond,
        variation: number('variation', (value) => value > 0, 'a number above 0', 3),
      }
    case 'bursts':
      return {
        kind: 'bursts',
        requestsPerSecond,
        burstMillis: millis('burst', '2s'),
        silenceMillis: millis('silence', '4s'),
      }
    case 'diurnal':
      return {
        kind: 'diurnal',
        requestsPerSecond,
        swing: number('swing', (value) => value >= 0 && value <= 1, 'a number from 0 to 1', 0.8),
        periodMillis: millis('period', '24h'),
      }
  }
  issue(`traffic must be one of ${Object.keys(trafficFields).join(', ')}, not ${JSON.stringify(traffic)}`)
  return { kind: 'poisson', requestsPerSecond }
}

function limitOf(value: unknown, issue: (what: string) => void): KeyLimit | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    issue('limit must be an object')
    return undefined
  }
  unknownFields(value, limitNames, 'limit.', issue)
  for (const [name, most] of Object.entries(value))
    if (Object.hasOwn(limitNames, name) && !(Number.isInteger(most) && most >= 1))
      issue(`limit.${name} must be a whole number of at least 1, not ${JSON.stringify(most)}`)
  return value as KeyLimit
}

function unknownFields(value: object, known: object, prefix: string, issue: (what: string) => void): void {
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(known, name)) continue
    const guess = nearest(name, Object.keys(known))
    issue(`${prefix}${name} is unknown${guess === undefined ? '' : `; did you mean ${guess}?`}`)
  }
}

function positive(millis: number): number {
  if (millis > 0) return millis
  throw new RangeError('it must be above 0')
}

function attempt<T>(read: () => T, field: string, issue: (what: string) => void): T | undefined {
  try {
    return read()
  } catch (error) {
    issue(`${field}: ${messageOf(error)}`)
    return undefined
  }
}
