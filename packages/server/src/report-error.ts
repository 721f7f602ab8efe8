/** An error that ended a request, counted and logged as loudly as it concerns the operator. */

import type { HadalError, LogFields, Logger } from '@hadal/base'
import type { Telemetry } from '@hadal/telemetry'

export function reportError(
  error: HadalError,
  fields: LogFields,
  { telemetry, logger }: { readonly telemetry: Telemetry; readonly logger: Logger },
): void {
  telemetry.error(error.code)
  const level = error.status === 500 ? 'error' : error.status === 503 ? 'warn' : 'debug'
  const cause = error.cause === undefined ? {} : { cause: error.cause }
  logger[level](error.message, { ...fields, code: error.code, ...cause })
}
