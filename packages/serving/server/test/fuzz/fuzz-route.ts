/**
 * Sends bodies to a route and checks responses. Errors are: a response missing from the OpenAPI document, a status of 500 or more other
 * than 501, content that does not match its type, a timeout, or an uncaught error.
 */

import type { HadalServer } from '@hadal/server'
import { type BodySchema, type FuzzBody, fuzzBody, type Schema } from './mutate.ts'
import { Random } from './random.ts'
import { seedBodies } from './seeds.ts'

export interface FuzzTarget {
  readonly path: string
  /** Schemas of accepted bodies. */
  readonly schemas: readonly string[]
  /** Documented statuses. */
  readonly statuses: readonly number[]
  readonly definitions: Readonly<Record<string, Schema>>
}

export interface FuzzIssue {
  readonly path: string
  readonly index: number
  readonly what: string
  readonly body: string
}

export interface FuzzReport {
  readonly path: string
  readonly bodies: number
  /** Count per status. */
  readonly statuses: Readonly<Record<number, number>>
  readonly issues: readonly FuzzIssue[]
  readonly slowestMillis: number
  /** Index of the slowest body. */
  readonly slowestIndex: number
}

export interface FuzzOptions {
  readonly seed: number | string
  readonly bodies: number
  /** Index of the first body to send. */
  readonly from?: number
  /** Concurrent requests. */
  readonly concurrency?: number
  readonly timeoutMillis?: number
}

/** Every route with a body, from the server's OpenAPI document. */
export async function fuzzTargets(server: HadalServer): Promise<FuzzTarget[]> {
  const document = (await server.inject('/openapi.json')).json() as {
    readonly paths: Record<string, Record<string, { requestBody?: object; responses: object }>>
    readonly components: { readonly schemas: Record<string, Schema> }
  }
  return Object.entries(document.paths).flatMap(([path, { post }]) => {
    if (post?.requestBody === undefined) return []
    const references = JSON.stringify(post.requestBody).match(/(?<=#\/components\/schemas\/)\w+/g) ?? []
    return {
      path,
      schemas: references,
      statuses: Object.keys(post.responses).map(Number),
      definitions: document.components.schemas,
    }
  })
}

export async function fuzzRoute(
  server: HadalServer,
  target: FuzzTarget,
  { seed, bodies, from = 0, concurrency = 4, timeoutMillis = 20_000 }: FuzzOptions,
): Promise<FuzzReport> {
  const statuses: Record<number, number> = {}
  const issues: FuzzIssue[] = []
  let [slowestMillis, slowestIndex] = [0, from]
  let next = from
  const uncaught = (thrown: unknown): void => {
    issues.push({ path: target.path, index: next, what: `nobody caught ${String(thrown)}`, body: '' })
  }
  const work = async (): Promise<void> => {
    while (next < from + bodies) {
      const index = next
      next += 1
      const body = bodyOf(target, seed, index)
      const startedAt = performance.now()
      const { status, what } = await ask(server, target, body, timeoutMillis)
      const millis = performance.now() - startedAt
      if (millis > slowestMillis) [slowestMillis, slowestIndex] = [millis, index]
      statuses[status] = (statuses[status] ?? 0) + 1
      if (what !== undefined)
        issues.push({ path: target.path, index, what, body: body.bytes.toString().slice(0, 2000) })
    }
  }
  process.on('unhandledRejection', uncaught)
  try {
    await Promise.all(Array.from({ length: concurrency }, work))
  } finally {
    process.off('unhandledRejection', uncaught)
  }
  return { path: target.path, bodies, statuses, issues, slowestMillis, slowestIndex }
}

/** Deterministic for a seed, route and index. */
export function bodyOf(target: FuzzTarget, seed: number | string, index: number): FuzzBody {
  const random = new Random(seed, target.path, index)
  const name = random.pick(target.schemas)
  const known: BodySchema = { schema: target.definitions[name]!, definitions: target.definitions }
  return fuzzBody(random, seedBodies[name]!, known)
}

interface Outcome {
  readonly status: number
  /** Absent if nothing is wrong. */
  readonly what?: string
}

async function ask(
  server: HadalServer,
  { path, statuses }: FuzzTarget,
  { bytes, contentType }: FuzzBody,
  timeoutMillis: number,
): Promise<Outcome> {
  const asking = server.inject({
    method: 'POST',
    url: path,
    payload: bytes,
    headers: contentType === undefined ? {} : { 'content-type': contentType },
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMillis, undefined)
  })
  try {
    const answer = await Promise.race([asking, late])
    if (answer === undefined) return { status: 0, what: `no answer in ${timeoutMillis} ms` }
    const { statusCode: status, headers, body } = answer
    const says = (what: string): Outcome => ({ status, what: `${status} ${what}: ${body.slice(0, 500)}` })
    if (!statuses.includes(status)) return says('is not documented')
    if (status >= 500 && status !== 501) return says('is a fault of the server')
    const type = String(headers['content-type'] ?? '')
    if (type.startsWith('application/json') && !isJson(body)) return says('is not JSON')
    if (type.startsWith('text/event-stream') && streamIssue(body)) return says('is a stream that failed')
    return { status }
  } catch (thrown) {
    return { status: 0, what: `the server threw ${String(thrown)}` }
  } finally {
    clearTimeout(timer)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A stream that ends with a server error or is malformed. */
function streamIssue(body: string): boolean {
  const events = body.split('\n\n').filter((event) => event !== '' && !event.startsWith(':'))
  return (
    !body.endsWith('\n\n') ||
    events.some((event) => event.split('\n').some((line) => !/^(data|event|id): /.test(line))) ||
    /"(?:code|reason)":"internal_error"/.test(events.at(-1) ?? '')
  )
}
