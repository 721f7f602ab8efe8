/** How a request waits among others: whose it is, and what its headers say, in any dialect. Knows no body. */

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
  const { priority, deadline_ms } = (body ?? {}) as { priority?: unknown; deadline_ms?: unknown }
  const said = {
    ...(typeof priority === 'number' && { priority }),
    ...(typeof deadline_ms === 'number' && { deadlineMillis: deadline_ms }),
  }
  const refusal = engine.refusal(schedulingOf(request, said))
  if (refusal !== undefined) throw refusal
}

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
