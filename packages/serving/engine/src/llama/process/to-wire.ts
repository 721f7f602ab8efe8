/** Serialises errors for the parent process. An undeclared error is a bug and ends this process. */

import { HadalError, messageOf } from '@hadal/base'
import type { WireError } from '../messages.ts'

export function toWire(thrown: unknown): WireError {
  if (thrown instanceof HadalError) return thrown.toWire()
  throw new Error(`unexpected: ${messageOf(thrown)}`, { cause: thrown })
}
