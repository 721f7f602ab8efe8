/** Splits the raw body of an inference request at `Inference-Header-Content-Length` into a JSON document and binary tensor data. */

import type { IncomingHttpHeaders } from 'node:http'
import { unsupportedMediaType } from '../errors.ts'
import { invalidField } from '../field-issues.ts'
import { parseJsonBody } from '../http/request-body.ts'

export const headerLength = 'inference-header-content-length'

export interface InferPayload {
  /** Undefined without JSON: the whole body is then the raw data of the only input. */
  readonly json: unknown
  readonly binary: Buffer
  /** Bytes of both parts. */
  readonly bodyBytes: number
}

/** Content types that clients send; many send none. */
const mediaTypes: readonly string[] = ['', 'application/json', 'application/octet-stream']

/** Throws `unsupported_media_type`, `invalid_request`, `invalid_utf8` and `malformed_json`. */
export function inferPayload(body: Buffer, headers: IncomingHttpHeaders): InferPayload {
  const type = headers['content-type'] ?? ''
  if (!mediaTypes.includes(type.split(';')[0]!.trim().toLowerCase())) throw unsupportedMediaType(type)
  const given = headers[headerLength]
  if (given === undefined)
    return { json: parseJsonBody(body), binary: Buffer.alloc(0), bodyBytes: body.length }
  const length = /^\d{1,15}$/.test(String(given)) ? Number(given) : Number.NaN
  if (!(length <= body.length))
    throw invalidField(
      headerLength,
      `must be a whole number up to the ${body.length} bytes of the body, got ${JSON.stringify(given)}`,
    )
  const json = length === 0 ? undefined : parseJsonBody(body.subarray(0, length))
  return { json, binary: body.subarray(length), bodyBytes: body.length }
}
