/** How a request waits among others: whose it is, and what its headers say, in any dialect. */

import type { IncomingHttpHeaders } from 'node:http'
import type { Engine, Scheduling } from '@hadal/engine'
import { longestDeadlineMillis, priorityRange } from '@hadal/protocol'
import type { FastifyRequest } from 'fastify'
import { clientOf } from './api-keys.ts'
import { invalidField } from './field-faults.ts'
import { schedulingOfCaller } from './gatekeeper.ts'

/** `said`: what the body has of it, which counts more than headers. A key's own bounds count most. Throws `invalid_request`. */
export function schedulingOf({ headers, caller }: FastifyRequest, said: Scheduling = {}): Scheduling {
  const client = clientOf(headers)
  const priority = wholeNumber(headers, 'x-hadal-priority', priorityRange.least, priorityRange.most)
  const deadlineMillis = wholeNumber(headers, 'x-hadal-deadline-ms', 1, longestDeadlineMillis)
  const asked = {
    ...(client !== '' && { client }),
    ...(priority !== undefined && { priority }),
    ...(deadlineMillis !== undefined && { deadlineMillis }),
    ...said,
  }
  return caller === undefined ? asked : { ...asked, ...schedulingOfCaller(caller, asked) }
}

/** Throws what an engine would refuse such a request with, before anything is made of it: under overload most are refused. */
export function refuseEarly(engine: Engine | undefined, request: FastifyRequest, body: unknown): void {
  if (engine?.refusal === undefined) return
  const refusal = engine.refusal(schedulingOf(request, schedulingSaidIn(body)))
  if (refusal !== undefined) throw refusal
}

/** What a body says of it that nobody has read yet: what makes no sense is said elsewhere. */
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
