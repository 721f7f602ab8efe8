/** Errors in Anthropic's format (https://docs.claude.com/en/api/errors). */

import type { HadalError } from '@hadal/base'
import type { AnthropicError, AnthropicErrorType } from '@hadal/protocol'
import type { ErrorWriter } from '../dialect.ts'

/** Anthropic's status for 503. */
const overloaded = 529

const types: Readonly<Record<number, AnthropicErrorType>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  [overloaded]: 'overloaded_error',
}

const statusOf = ({ status }: HadalError): number => (status === 503 ? overloaded : status)

export function anthropicError(error: HadalError): AnthropicError {
  const status = statusOf(error)
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  return { type: 'error', error: { type, message: `${error.message}. ${error.help}` } }
}

export const anthropicErrors: ErrorWriter = {
  errorStatus: statusOf,
  errorBody: (error, requestId): AnthropicError => ({ ...anthropicError(error), request_id: requestId }),
}
