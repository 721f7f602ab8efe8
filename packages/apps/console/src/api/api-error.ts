/** An error response in the terms of the error catalogue, or a missing response. */

export interface ApiErrorDetails {
  /** Seconds from the Retry-After header. */
  readonly retryAfterSeconds?: number | undefined
  /** By which the server's log and timeline know the request. */
  readonly requestId?: string | undefined
  /** The field of the request that it is about. */
  readonly field?: string | undefined
}

export class ApiError extends Error {
  /** 0: the server did not answer. */
  readonly status: number
  /**
   * Stable; listed in docs/errors.md. Set by the page: `unreachable` (no response), `not_json` (not a Hadal server), `stream_cut`
   * (stream interrupted), `key_malformed` (key not allowed in a header).
   */
  readonly code: string
  readonly help: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly requestId: string | undefined
  readonly field: string | undefined

  constructor(status: number, code: string, message: string, help?: string, details: ApiErrorDetails = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.help = help
    this.retryAfterSeconds = details.retryAfterSeconds
    this.requestId = details.requestId
    this.field = details.field
  }

  get needsKey(): boolean {
    return this.status === 401 || this.code === 'admin_key_needed'
  }
}

/** Parses an error body in OpenAI's format: `{ error: { message, code, help?, param? } }`. */
export function apiErrorOf(status: number, body: unknown, headers: Headers = new Headers()): ApiError {
  const error = (body as { error?: Record<string, unknown> } | undefined)?.error
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const details: ApiErrorDetails = {
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
    requestId: headers.get('x-request-id') ?? undefined,
    field: typeof error?.param === 'string' ? error.param : undefined,
  }
  if (error === undefined || typeof error.message !== 'string')
    return new ApiError(
      status,
      'not_json',
      `The server returned status ${status} without an error message.`,
      undefined,
      details,
    )
  const code = typeof error.code === 'string' ? error.code : String(error.type ?? status)
  return new ApiError(
    status,
    code,
    error.message,
    typeof error.help === 'string' ? error.help : undefined,
    details,
  )
}
