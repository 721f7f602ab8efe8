/** Maps every thrown value to a status, headers and body: OpenAI's format unless the route has its own. */

import { maxHeaderSize, STATUS_CODES } from 'node:http'
import { type HadalError, isHadalError, messageOf } from '@hadal/base'
import { contextLengthExceeded } from '@hadal/engine'
import type { ErrorBody } from '@hadal/protocol'
import type { ErrorWriter } from '../dialect.ts'
import {
  bodyTooLarge,
  clientGone,
  headersTooLarge,
  internalError,
  malformedHttp,
  requestTimeout,
  unsupportedMediaType,
} from '../errors.ts'

export interface ErrorContext {
  readonly requestId: string
  readonly maxBodyBytes: number
  readonly maxHeaderBytes?: number
  /** The request's content type, if any. */
  readonly contentType?: string | undefined
}

/** Converts any thrown value to a declared error. Undeclared ones become `internal_error`; their text goes to the log only. */
export function asHadalError(thrown: unknown, context: ErrorContext): HadalError {
  if (isHadalError(thrown)) return thrown
  const { code, statusCode } = (thrown ?? {}) as { code?: string; statusCode?: number }
  // The client stopped sending the body.
  if (code === 'ECONNRESET') return clientGone()
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(context.maxBodyBytes)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedMediaType(context.contentType ?? '')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout()
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge(context.maxHeaderBytes ?? maxHeaderSize)
  if (code?.startsWith('HPE_') || (code?.startsWith('FST_') && statusCode === 400))
    return malformedHttp(messageOf(thrown))
  return internalError(context.requestId).with({ cause: thrown })
}

/** Status and body in the format of the route's API. */
export function errorAnswer(
  error: HadalError,
  writer: ErrorWriter = {},
  requestId = '',
  requestBody?: unknown,
): { readonly status: number; readonly body: unknown } {
  return {
    status: writer.errorStatus?.(error) ?? error.status,
    body: writer.errorBody?.(error, requestId, requestBody) ?? errorBody(error),
  }
}

export function errorBody(error: HadalError): ErrorBody {
  return {
    error: {
      message: `${error.message}. ${error.help}`,
      type: errorType(error),
      param: error.param ?? null,
      code: error.code,
      ...lengthsOf(error),
    },
  }
}

function errorType({ code, status }: HadalError): string {
  if (code === contextLengthExceeded.spec.code) return 'exceed_context_size_error'
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

/** llama-server's fields; clients use them to shorten their prompts. */
export function lengthsOf({ facts }: HadalError): { n_prompt_tokens?: number; n_ctx?: number } {
  const { promptTokens, contextLength } = facts ?? {}
  if (promptTokens === undefined || contextLength === undefined) return {}
  return { n_prompt_tokens: promptTokens, n_ctx: contextLength }
}

/** 429 and 503 always carry `Retry-After`, because clients use it to back off. */
export function errorHeaders(error: HadalError): Record<string, string> {
  const retries = error.status === 429 || error.status === 503 || error.retryAfterSeconds !== undefined
  return {
    ...(retries && { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))) }),
    ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
  }
}

/** A complete raw HTTP response, for connections that never became a request. */
export function rawErrorAnswer(error: HadalError): string {
  const body = JSON.stringify(errorBody(error))
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
