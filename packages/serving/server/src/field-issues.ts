/** Errors about one field of a body, reported under its name by code that runs after schema validation. */

import type { HadalError } from '@hadal/base'
import { invalidRequest, unsupportedParameter } from './errors.ts'

/** `message` is a sentence without its subject: `must be the name of a tool`. */
export const invalidField = (param: string, message: string): HadalError =>
  invalidRequest([{ param, message }]).with({ param })

/** Rejects unsupported fields that would change the output, instead of ignoring them. */
export function refuse(param: string, what: string): never {
  throw unsupportedParameter(param, what).with({ param })
}
