/** Resolves and validates the options of an upstream. */

import { upstreamOptionInvalid } from './errors.ts'
import type { BreakerOptions, Discovery, Routing, UpstreamOptions } from './upstream.ts'

export interface ResolvedOptions extends Required<Omit<UpstreamOptions, 'breaker' | OptionalOption>> {
  readonly breaker: BreakerOptions
  readonly discover: Discovery | undefined
  readonly apiKey: string | undefined
  readonly hedgeAfterMillis: number | undefined
  readonly weightOf: ((client: string) => number) | undefined
  readonly agingMillis: number | undefined
  readonly wakeMillis: number | undefined
}

type OptionalOption = 'discover' | 'apiKey' | 'hedgeAfterMillis' | 'weightOf' | 'agingMillis' | 'wakeMillis'

export const upstreamDefaults = {
  maxConcurrentPerReplica: 64,
  maxQueue: 256,
  holdMillis: 0,
  connectTimeoutMillis: 2000,
  firstByteTimeoutMillis: 60_000,
  answerTimeoutMillis: 600_000,
  idleTimeoutMillis: 60_000,
  healthPath: '/health' as string | null,
  healthIntervalMillis: 5000,
  healthTimeoutMillis: 3000,
  healthFailures: 2,
  retries: 2,
  routing: 'prefix' as Routing,
  prefixBlockChars: 256,
  loadBound: 1.25,
  askUsage: true,
  breaker: { failures: 3, openMillis: 2000, maxOpenMillis: 30_000 },
} as const

const routings: readonly Routing[] = ['prefix', 'leastOutstanding', 'roundRobin']

const leasts = {
  maxConcurrentPerReplica: 1,
  maxQueue: 0,
  holdMillis: 0,
  connectTimeoutMillis: 1,
  firstByteTimeoutMillis: 1,
  answerTimeoutMillis: 1,
  idleTimeoutMillis: 1,
  healthIntervalMillis: 1,
  healthTimeoutMillis: 1,
  healthFailures: 1,
  retries: 0,
  prefixBlockChars: 1,
  loadBound: 1,
} as const

/** 24.8 days: Node's timers fire immediately for longer delays. */
const maxMillis = 2 ** 31 - 1

/** Throws `upstream_option_invalid`. */
export function resolveOptions(given: UpstreamOptions): ResolvedOptions {
  const { breaker, ...rest } = given
  const options: ResolvedOptions = {
    replicas: [],
    model: given.id,
    headers: {},
    discover: undefined,
    apiKey: undefined,
    hedgeAfterMillis: undefined,
    weightOf: undefined,
    agingMillis: undefined,
    wakeMillis: undefined,
    ...upstreamDefaults,
    ...rest,
    breaker: { ...upstreamDefaults.breaker, ...breaker },
  }
  for (const [name, least] of Object.entries(leasts)) {
    const value = options[name as keyof typeof leasts]
    const mayBreak = name === 'loadBound'
    const isTooLong = name.endsWith('Millis') && value > maxMillis
    if (!(value >= least) || isTooLong || !(mayBreak ? Number.isFinite(value) : Number.isInteger(value)))
      throw upstreamOptionInvalid(
        name,
        value,
        `a ${mayBreak ? '' : 'whole '}number from ${least} ${isTooLong ? `to ${maxMillis}` : 'on'}`,
      )
  }
  for (const name of ['hedgeAfterMillis', 'wakeMillis'] as const) {
    const value = options[name]
    if (value !== undefined && !(value >= 0 && value <= maxMillis))
      throw upstreamOptionInvalid(name, value, `a number from 0 to ${maxMillis}`)
  }
  if (!routings.includes(options.routing))
    throw upstreamOptionInvalid('routing', options.routing, routings.join(', '))
  if (options.discover === undefined && options.replicas.length === 0)
    throw upstreamOptionInvalid(
      'replicas',
      '[]',
      'at least one base URL, unless discover says where they are',
    )
  return { ...options, replicas: [...new Set(options.replicas.map(baseUrl))] }
}

/** The normalised form for comparison and display: without a trailing slash. */
export function baseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw upstreamOptionInvalid('replicas', withoutUser(given), 'base URLs such as http://host:8000/v1')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw upstreamOptionInvalid(
      'replicas',
      `${url.protocol}//${url.host}${url.pathname}`,
      'base URLs without user, query or fragment; credentials belong into apiKey or headers',
    )
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

const withoutUser = (text: string): string => text.replace(/\/\/[^/@]*@/, '//')
