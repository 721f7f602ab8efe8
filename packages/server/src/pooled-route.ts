/** What the routes that embed and rank stand on, and what they share: a request that ends with its connection. */

import { isHadalError } from '@hadal/base'
import { contextLengthExceeded, emptyPrompt, invalidToken } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'
import type { InFlight } from './in-flight.ts'
import type { RouteContext } from './route-context.ts'

export interface PooledRouteContext extends Pick<RouteContext, 'models' | 'accepting'> {
  readonly inFlight: InFlight
  readonly telemetry: Pick<Telemetry, 'textsRead'>
}

const ofTheInput: ReadonlySet<string> = new Set([
  contextLengthExceeded.spec.code,
  emptyPrompt.spec.code,
  invalidToken.spec.code,
])

/** What the engine finds fault with, under the client's name of it. */
export function namedAs(param: string): (thrown: unknown) => never {
  return (thrown) => {
    if (isHadalError(thrown) && thrown.param === undefined && ofTheInput.has(thrown.code))
      throw thrown.with({ param })
    throw thrown
  }
}
