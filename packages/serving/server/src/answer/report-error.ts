/** Counts and logs an error that ended a request, at a level that matches how much it concerns the operator. */

import type { HadalError, LogFields, Logger } from '@hadal/base'
import { deadlineUnmet } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'

export function reportError(
  error: HadalError,
  fields: LogFields,
  { telemetry, logger }: { readonly telemetry: Telemetry; readonly logger: Logger },
): void {
  telemetry.error(error.code)
  // Under overload most requests get it, so it is counted rather than logged.
  const isExpected = error.status !== 503 || error.code === deadlineUnmet.spec.code
  const level = error.status === 500 ? 'error' : isExpected ? 'debug' : 'warn'
  const cause = error.cause === undefined ? {} : { cause: error.cause }
  logger[level](error.message, { ...fields, code: error.code, ...cause })
}
