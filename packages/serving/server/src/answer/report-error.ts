/** An error that ended a request, counted and logged as loudly as it concerns the operator. */

import type { HadalError, LogFields, Logger } from '@hadal/base'
import { deadlineUnmet } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'

export function reportError(
  error: HadalError,
  fields: LogFields,
  { telemetry, logger }: { readonly telemetry: Telemetry; readonly logger: Logger },
): void {
  telemetry.error(error.code)
  // Under overload most are refused; a counter says how many.
  const isExpected = error.status !== 503 || error.code === deadlineUnmet.spec.code
  const level = error.status === 500 ? 'error' : isExpected ? 'debug' : 'warn'
  const cause = error.cause === undefined ? {} : { cause: error.cause }
  logger[level](error.message, { ...fields, code: error.code, ...cause })
}
