/** Scheduling of a request: its client, and its headers in any dialect. */

import type { IncomingHttpHeaders } from 'node:http'
import type { Engine, Scheduling } from '@hadal/engine'
import { longestDeadlineMillis, priorityRange } from '@hadal/protocol'
import type { FastifyRequest } from 'fastify'
import { clientOf } from './api-keys.ts'
import { invalidField } from './field-issues.ts'
import { schedulingOfCaller } from './gatekeeper.ts'

/** `said`: the body's fields, which override headers. The key's limits override both. Throws `invalid_request`. */
export function schedulingOf({ headers, caller }: FastifyRequest, said: Scheduling = {}): Scheduling {
  const client = clientOf(headers)
  const priority = wholeNumber(headers, 'x-hadal-priority', priorityRange.least, priorityRange.most)
  const deadlineMillis = wholeNumber(headers, 'x-hadal-deadline-ms', 1, longestDeadlineMillis)
  const requested = {
    ...(client !== '' && { client }),
    ...(priority !== undefined && { priority }),
    ...(deadlineMillis !== undefined && { deadlineMillis }),
    ...said,
  }
  return caller === undefined ? requested : { ...requested, ...schedulingOfCaller(caller, requested) }
}

/** Throws the engine's rejection before any parsing, because under overload most requests are rejected. */
export function refuseEarly(engine: Engine | undefined, request: FastifyRequest, body: unknown): void {
  if (engine?.refusal === undefined) return
  const refusal = engine.refusal(schedulingOf(request, schedulingSaidIn(body)))
  if (refusal !== undefined) throw refusal
}

/** Scheduling fields of an unvalidated body; invalid values are reported later. */
export function schedulingSaidIn(body: unknown): Scheduling {
  const { priority, deadline_ms: deadline } = (body ?? {}) as { priority?: unknown; deadline_ms?: unknown }
  const { least, most } = priorityRange
  return {
    ...(isWhole(priority, least, most) && { priority }),
    ...(isWhole(deadline, 1, longestDeadlineMillis) && { deadlineMillis: deadline }),
  }
}

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most

function wholeNumber(
  headers: IncomingHttpHeaders,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const given = headers[name]
  if (given === undefined) return undefined
  const value = /^-?\d{1,9}$/.test(String(given)) ? Number(given) : Number.NaN
  if (value >= least && value <= most) return value
  throw invalidField(name, `must be a whole number from ${least} to ${most}, got ${JSON.stringify(given)}`)
}
