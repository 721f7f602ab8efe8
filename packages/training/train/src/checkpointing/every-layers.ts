/** Layers that are computed again, so many after each other. Knows nothing about models. */

import type { Segment } from '@hadal/nn'

/** Of two halves each; the last segment has what is left. */
export function everyLayers(layers: number, every: number): Segment[] {
  const segments: Segment[] = []
  for (let layer = 0; layer < layers; layer += every)
    segments.push({ parts: 2 * Math.min(every, layers - layer), mode: 'recomputed' })
  return segments
}
