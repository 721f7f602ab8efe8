/** Which range of values a scale has to cover, from the tensors that pass by. */

import type { Device, Tensor } from '@hadal/tensor'
import { HistogramObserver } from './histogram-observer.ts'
import { MinMaxObserver } from './min-max-observer.ts'
import { MovingAverageObserver } from './moving-average-observer.ts'
import type { FakeQuantScheme } from './scheme.ts'

/** Values that are not finite are left out of every range. */
export interface Observer {
  /** [n, k] of any float dtype, with the observer's n. Called without gradients, in a scope. */
  observe(x_nk: Tensor): void
  /** Lowest and highest, fp32 [n]. Only once something was seen. */
  range(): readonly [low_n: Tensor, high_n: Tensor]
  /** Whether any finite value was observed. */
  readonly hasSeen: boolean
  /** The live state by name: the content of a checkpoint. */
  state(): Map<string, Tensor>
}

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
