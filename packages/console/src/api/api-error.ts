/** What an answer of the server says went wrong, in the words of its catalogue; or that there was no answer at all. */

export class ApiError extends Error {
  /** 0: the server did not answer. */
  readonly status: number
  /** Stable: as docs/errors.md lists them; `unreachable` where there was no answer, `not_json` where it was no server of ours. */
  readonly code: string
  readonly help: string | undefined

  constructor(status: number, code: string, message: string, help?: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.help = help
  }

  get needsKey(): boolean {
    return this.status === 401 || this.code === 'admin_key_needed'
  }
}

/** Of a body in OpenAI's form: `{ error: { message, code, help? } }`. */
export function apiErrorOf(status: number, body: unknown): ApiError {
  const error = (body as { error?: Record<string, unknown> } | undefined)?.error
  if (error === undefined || typeof error.message !== 'string')
    return new ApiError(status, 'not_json', `The server answered with status ${status} and no explanation.`)
  const code = typeof error.code === 'string' ? error.code : String(error.type ?? status)
  return new ApiError(status, code, error.message, typeof error.help === 'string' ? error.help : undefined)
}
