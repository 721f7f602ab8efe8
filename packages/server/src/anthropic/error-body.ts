/** Errors as Anthropic's API words them (https://docs.claude.com/en/api/errors). Statuses stay as they are. */

import type { HadalError } from '@hadal/base'
import type { AnthropicError, AnthropicErrorType } from '@hadal/protocol'
import type { ErrorWriter } from '../dialect.ts'

const types: Readonly<Record<number, AnthropicErrorType>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
}

export const anthropicError = ({ status, message, help }: HadalError): AnthropicError => ({
  type: 'error',
  error: {
    type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'),
    message: `${message}. ${help}`,
  },
})

export const anthropicErrors: ErrorWriter = {
  errorBody: (error, requestId): AnthropicError => ({ ...anthropicError(error), request_id: requestId }),
}
