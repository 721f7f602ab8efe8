/** llama-server's error format: the status is repeated in the body. `reason` is our stable code. */

import type { HadalError } from '@hadal/base'
import { contextLengthExceeded } from '@hadal/engine'
import type { ErrorWriter } from '../dialect.ts'

export const llamaServerErrors: ErrorWriter & { errorBody(error: HadalError): NativeErrorBody } = {
  errorBody: (error) => ({
    error: {
      code: error.status,
      message: `${error.message}. ${error.help}`,
      type: errorType(error),
      ...(error.param !== undefined && { param: error.param }),
      reason: error.code,
      ...contextFacts(error),
    },
  }),
}

/** For paths shared with another API. */
export const sharedErrors = (isNative: (body: unknown) => boolean): ErrorWriter => ({
  errorBody: (error, _, body) => (isNative(body) ? llamaServerErrors.errorBody(error) : undefined),
})

export interface NativeErrorBody {
  readonly error: {
    readonly code: number
    readonly message: string
    readonly type: string
    readonly param?: string
    readonly reason: string
    /** Set if the prompt is too long. */
    readonly n_prompt_tokens?: number
    readonly n_ctx?: number
  }
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  501: 'not_supported_error',
  503: 'unavailable_error',
}

function contextFacts({ code, facts }: HadalError): { n_prompt_tokens?: number; n_ctx?: number } {
  if (code !== contextLengthExceeded.spec.code || facts === undefined) return {}
  return { n_prompt_tokens: facts.promptTokens!, n_ctx: facts.contextLength! }
}

function errorType({ code, status }: HadalError): string {
  if (code === contextLengthExceeded.spec.code) return 'exceed_context_size_error'
  return types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error')
}
