/**
 * What becomes of a parsed body: its faults are refused, and fields that no schema knows are named in a header, or refused
 * too by a server that is strict. Knows no dialect.
 */

import type { Parsed } from '@hadal/protocol'
import type { FastifyReply } from 'fastify'
import { invalidRequest } from './errors.ts'

/** The value, or `invalid_request` with all its faults; `param` is the first. */
export type Accept = <T>(parsed: Parsed<T>) => T

export function acceptBody(_reply: FastifyReply): Accept {
  return (parsed) => {
    if (parsed.ok) return parsed.value
    const param = parsed.faults[0]?.param
    throw invalidRequest(parsed.faults).with(param ? { param } : {})
  }
}
