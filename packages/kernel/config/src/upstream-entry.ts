/** The `upstream` entry of a config file: servers that run a model. Pure. */

import { z } from 'zod'
import { flag, type Kind, millis, number, oneOf, text, texts, wholeNumber } from './kinds.ts'
import { type Nested, type NestedKinds, readNested } from './nested.ts'
import { redact } from './redact.ts'

export interface UpstreamEntry {
  /** Base URLs, such as `http://vllm-0:8000/v1`. */
  readonly replicas?: readonly string[]
  /** Discovery of replicas, instead of a list. */
  readonly discover?: DiscoverEntry
  /** The upstream's model name; the id by default. */
  readonly model?: string
  readonly apiKey?: string
  /** Environment variable that holds the key, to keep it out of the file. */
  readonly apiKeyEnv?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly routing?: 'prefix' | 'leastOutstanding' | 'roundRobin'
  readonly maxConcurrentPerReplica?: number
  readonly maxQueue?: number
  /** How long requests are held while no replica is healthy. */
  readonly holdMillis?: number
  /** Expected wake time until it has been measured. */
  readonly wakeMillis?: number
  readonly retries?: number
  readonly hedgeAfterMillis?: number
  readonly connectTimeoutMillis?: number
  readonly firstByteTimeoutMillis?: number
  readonly answerTimeoutMillis?: number
  readonly idleTimeoutMillis?: number
  /** null: no health checks. */
  readonly healthPath?: string | null
  readonly healthIntervalMillis?: number
  readonly healthTimeoutMillis?: number
  readonly healthFailures?: number
  readonly prefixBlockChars?: number
  readonly loadBound?: number
  readonly askUsage?: boolean
  readonly breaker?: BreakerEntry
}

export interface BreakerEntry {
  readonly failures?: number
  readonly openMillis?: number
  readonly maxOpenMillis?: number
}

/** One of `dns` with `port`, `srv`, or `kubernetes`. */
export interface DiscoverEntry {
  readonly dns?: string
  readonly port?: number
  readonly srv?: string
  readonly kubernetes?: {
    readonly service: string
    readonly namespace?: string
    readonly port?: string | number
  }
  readonly scheme?: 'http' | 'https'
  readonly path?: string
  readonly intervalMillis?: number
}

const ofSchema = <T>(schema: z.ZodType<T>, expected: string): Kind<T> => ({
  schema,
  expected,
  read: (given) => given,
})
const object: Kind<unknown> = ofSchema(z.record(z.string(), z.unknown()), 'an object')
const port = wholeNumber(1, 65_535)

const kinds: NestedKinds = {
  replicas: texts,
  discover: object,
  model: text,
  apiKey: text,
  apiKeyEnv: text,
  headers: ofSchema(z.record(z.string(), z.string()), 'an object of strings'),
  routing: oneOf('prefix', 'leastOutstanding', 'roundRobin'),
  maxConcurrentPerReplica: wholeNumber(1),
  maxQueue: wholeNumber(0),
  holdMillis: millis,
  wakeMillis: millis,
  retries: wholeNumber(0, 100),
  hedgeAfterMillis: millis,
  connectTimeoutMillis: millis,
  firstByteTimeoutMillis: millis,
  answerTimeoutMillis: millis,
  idleTimeoutMillis: millis,
  healthPath: ofSchema(z.string().startsWith('/').nullable(), 'a path such as /health, or null'),
  healthIntervalMillis: millis,
  healthTimeoutMillis: millis,
  healthFailures: wholeNumber(1),
  prefixBlockChars: wholeNumber(1),
  loadBound: number(1, 1_000),
  askUsage: flag,
  breaker: object,
}
const breaker: NestedKinds = { failures: wholeNumber(1), openMillis: millis, maxOpenMillis: millis }
const discover: NestedKinds = {
  dns: text,
  port,
  srv: text,
  kubernetes: object,
  scheme: oneOf('http', 'https'),
  path: text,
  intervalMillis: millis,
}
const kubernetes: NestedKinds = {
  service: text,
  namespace: text,
  port: ofSchema(z.union([port.schema, z.string().min(1)]), 'the number or name of a port'),
}

export function readUpstream(given: unknown, place: string): Nested {
  const outer = readNested(given, kinds, place)
  const values: Record<string, unknown> = { ...outer.values }
  const issues = [...outer.issues]
  const within = (key: string, known: NestedKinds, needed: readonly string[] = []): void => {
    if (values[key] === undefined) return
    const inner = readNested(values[key], known, `${place}.${key}`, needed)
    values[key] = inner.values
    issues.push(...inner.issues)
  }
  within('breaker', breaker)
  within('discover', discover)
  if (values.discover !== undefined) {
    const found = values.discover as DiscoverEntry
    if (found.kubernetes !== undefined) {
      const inner = readNested(found.kubernetes, kubernetes, `${place}.discover.kubernetes`, ['service'])
      values.discover = { ...found, kubernetes: inner.values }
      issues.push(...inner.issues)
    }
    issues.push(...discoveryIssues(found, `${place}.discover`))
  }
  const { replicas } = values as UpstreamEntry
  if ((replicas === undefined || replicas.length === 0) === (values.discover === undefined))
    issues.push(`${place}: set either replicas or discover`)
  for (const url of replicas ?? [])
    if (!/^https?:\/\/[^/]/.test(url))
      issues.push(
        `${place}.replicas: ${JSON.stringify(redact(url))} is not a URL such as http://vllm:8000/v1`,
      )
  return { values, issues }
}

function discoveryIssues({ dns, srv, kubernetes, port }: DiscoverEntry, place: string): string[] {
  const ways = [dns, srv, kubernetes].filter((way) => way !== undefined).length
  if (ways !== 1) return [`${place}: set exactly one of dns, srv and kubernetes`]
  return dns !== undefined && port === undefined ? [`${place}: dns needs a port`] : []
}
