/**
 * Handles a parsed body: rejects it on errors; unknown fields are listed in response headers, or rejected in strict mode.
 * Dialect-independent.
 */

import type { Parsed } from '@hadal/protocol'
import type { FastifyReply } from 'fastify'
import { invalidRequest, unknownParameter } from '../errors.ts'

/** Returns the value or throws `invalid_request` with all issues; `param` names the first. */
export type Accept = <T>(parsed: Parsed<T>) => T

/** `strict`: throws `unknown_parameter` instead of listing the fields in headers. */
export function acceptBody(reply: FastifyReply, strict: boolean): Accept {
  return (parsed) => {
    if (!parsed.ok) {
      const param = parsed.issues[0]?.param
      throw invalidRequest(parsed.issues).with(param ? { param } : {})
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

/** Strips characters that would break a header from a client's field name. */
const inHeader = (name: string): string => name.slice(0, 100).replace(/[^\w.[\]-]/g, '?')
