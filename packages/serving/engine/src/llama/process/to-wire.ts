/** Errors on their way to the parent process. What nobody declared is a fault of ours: it ends this process. */

import { HadalError, messageOf } from '@hadal/base'
import type { WireError } from '../messages.ts'

export function toWire(thrown: unknown): WireError {
  if (thrown instanceof HadalError) return thrown.toWire()
  throw new Error(`unexpected: ${messageOf(thrown)}`, { cause: thrown })
}
