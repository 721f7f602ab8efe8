/** Recomputes layers in segments of equal size. */

import type { Segment } from '@hadal/nn'

/** Each layer has two halves; the last segment takes the remainder. */
export function everyLayers(layers: number, every: number): Segment[] {
  const segments: Segment[] = []
  for (let layer = 0; layer < layers; layer += every)
    segments.push({ parts: 2 * Math.min(every, layers - layer), mode: 'recomputed' })
  return segments
}
