/** How much of the machine the model's own arithmetic uses. */

import type { ReadUnit } from './kinds/model-kind.ts'

/** What a run asks of the machine, and what the machine could give; undefined where that is not known. */
export interface Capacity {
  /** What is read, and operations are for. Default: tokens. */
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
