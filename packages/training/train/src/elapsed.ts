/** Seconds since a moment, never negative: clocks of suspended or moved machines jump back. */

import type { Clock } from '@hadal/base'

/** `startMillis` is a value of `clock.now()`. */
export const secondsSince = (clock: Clock, startMillis: number): number =>
  Math.max(0, (clock.now() - startMillis) / 1000)
