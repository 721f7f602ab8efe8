/** Ends a response that failed after it began. Logs the error here, because the status can no longer change. */

import type { Clock, Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'
import type { ErrorWriter } from '../dialect.ts'
import { readerStalled } from '../errors.ts'
import type { ServerLimits } from '../http/limits.ts'
import { timelineComment } from '../observability/observability.ts'
import type { Call } from './answer-call.ts'
import { AnswerStream } from './answer-stream.ts'
import { asHadalError, errorAnswer } from './error-answer.ts'
import { reportError } from './report-error.ts'

export interface EndContext {
  readonly limits: ServerLimits
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly logger: Logger
}

export async function endFailed(
  thrown: unknown,
  call: Call,
  writer: ErrorWriter,
  context: EndContext,
): Promise<void> {
  const { request, reply, streams, said, failure } = call
  const error = asHadalError(thrown, { requestId: request.id, maxBodyBytes: context.limits.maxBodyBytes })
  request.record?.failed(error.code)
  reportError(error, { requestId: request.id }, context)
  const { raw } = reply
  if (error.code === readerStalled.spec.code) return void raw.destroy()
  const { body } = errorAnswer(error, writer, request.id, request.body)
  if (streams) {
    const stream = new AnswerStream(raw, context.limits.stallTimeoutMillis, context.clock)
    const last = failure?.(error) ?? `event: error\ndata: ${JSON.stringify(body)}\n\n`
    return stream.end(timelineComment(reply) + last).catch(() => void raw.destroy())
  }
  // A partial document cannot be completed.
  if (said) raw.destroy()
  else raw.end(JSON.stringify(body))
}
