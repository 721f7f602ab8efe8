/** Creates the observer that a scheme names. */

import type { Device } from '@hadal/tensor'
import { HistogramObserver } from './histogram-observer.ts'
import { MinMaxObserver } from './min-max-observer.ts'
import { MovingAverageObserver } from './moving-average-observer.ts'
import type { Observer } from './observer.ts'
import type { FakeQuantScheme } from './scheme.ts'

/**
 * For `rows` scales. Its tensors belong to the caller's scope.
 *
 * @internal
 */
export function createObserver(scheme: FakeQuantScheme, rows: number, device: Device): Observer {
  switch (scheme.observer) {
    case 'min-max':
      return new MinMaxObserver(rows, device)
    case 'moving-average':
      return new MovingAverageObserver(rows, device, scheme.averaging)
    case 'histogram':
      return new HistogramObserver(2 ** scheme.bits, device)
  }
}
