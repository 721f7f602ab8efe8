/** The share of the machine's throughput that the model's operations use. */

import type { ReadUnit } from './kinds/model-kind.ts'

/** Operations a run needs, and the machine's throughput; undefined if unknown. */
export interface Capacity {
  /** The unit of input and operations. Default: tokens. */
  readonly unit?: ReadUnit
  /** Operations of training on one token, image or pair. */
  readonly flopsPerToken?: number
  /** Operations a second: `measurePeakFlops`. */
  readonly peakFlops?: number
}

/** Model FLOPs utilization (arXiv:2204.02311, appendix B), 0 to 1; undefined where something it needs is. */
export const utilization = (
  tokensPerSecond: number | undefined,
  { flopsPerToken, peakFlops }: Capacity,
): number | undefined =>
  tokensPerSecond === undefined || flopsPerToken === undefined || peakFlops === undefined
    ? undefined
    : (tokensPerSecond * flopsPerToken) / peakFlops
