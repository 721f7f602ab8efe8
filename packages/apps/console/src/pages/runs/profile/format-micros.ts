/** `12 µs`, `3.4 ms`, `1.2 s`. */

import { formatMillis } from '../../../design/index.ts'

export const formatMicros = (micros: number): string =>
  micros < 1000 ? `${Number(micros.toPrecision(3))} µs` : formatMillis(micros / 1000)
