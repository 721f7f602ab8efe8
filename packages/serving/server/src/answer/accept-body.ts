/**
 * What becomes of a parsed body: its faults are refused, and fields that no schema knows are named in headers, or refused
 * too by a server that is strict. Knows no dialect.
 */

import type { Parsed } from '@hadal/protocol'
import type { FastifyReply } from 'fastify'
import { invalidRequest, unknownParameter } from '../errors.ts'

/** The value, or `invalid_request` with all its faults; `param` is the first. */
export type Accept = <T>(parsed: Parsed<T>) => T

/** `strict`: throws `unknown_parameter` instead of naming the fields in headers. */
export function acceptBody(reply: FastifyReply, strict: boolean): Accept {
  return (parsed) => {
    if (!parsed.ok) {
      const param = parsed.faults[0]?.param
      throw invalidRequest(parsed.faults).with(param ? { param } : {})
    }
    const [first] = parsed.unknown
    if (first === undefined) return parsed.value
    if (strict) throw unknownParameter(parsed.unknown).with({ param: first })
    const names = parsed.unknown.slice(0, shownNames).map(inHeader).join(', ')
    reply.header('x-hadal-ignored-parameters', names)
    // 299: "miscellaneous persistent warning".
    reply.header('warning', `299 hadal "ignored parameters: ${names}"`)
    return parsed.value
  }
}

const shownNames = 32

/** Whatever a client calls a field, without what would break a header. */
const inHeader = (name: string): string => name.slice(0, 100).replace(/[^\w.[\]-]/g, '?')
