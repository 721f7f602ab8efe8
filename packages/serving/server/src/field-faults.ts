/** What is said of one field of a body, under its name, by those who read what a schema has taken. */

import type { HadalError } from '@hadal/base'
import { invalidRequest, unsupportedParameter } from './errors.ts'

/** `message` is a sentence without its subject: `must be the name of a tool`. */
export const invalidField = (param: string, message: string): HadalError =>
  invalidRequest([{ param, message }]).with({ param })

/** What would change the answer is refused, never ignored. */
export function refuse(param: string, what: string): never {
  throw unsupportedParameter(param, what).with({ param })
}
