/** An API server error as a Status object. */

export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: number, reason: string, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  body(): Record<string, unknown> {
    const { code, reason, message, details } = this
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      code,
      ...(details === undefined ? {} : { details }),
    }
  }
}
