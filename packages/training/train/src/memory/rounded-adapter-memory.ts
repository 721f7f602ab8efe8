/** Extra memory of adapters whose sum with the base weights is rounded. Creates no tensors. */

import { loraDefaults, loraTensors, type WantedTensor } from '@hadal/nn'
import type { RunConfig } from '../run-config.ts'
import { product } from './optimizer-bytes.ts'

export interface RoundedAdapterMemory {
  /** Matrices without an adapter, as they were before rounding. */
  readonly held: number
  /** Sums of weight and adapter, which passes keep for the backward pass. Ignores recomputation. */
  readonly pass: number
}

/** Frozen weights take `width` bytes each. */
export function roundedAdapterMemory(
  { adapter, quantization }: Pick<RunConfig, 'adapter' | 'quantization'>,
  weights: readonly WantedTensor[],
  width: number,
): RoundedAdapterMemory {
  if (!(adapter && quantization)) return { held: 0, pass: 0 }
  const options = { ...loraDefaults, ...adapter }
  const end = '.lora_A.weight'
  const adapted = new Set(
    [...loraTensors(weights, options)].flatMap(({ name }) =>
      name.endsWith(end) ? [`${name.slice(0, -end.length)}.weight`] : [],
    ),
  )
  let [held, summed, largest] = [0, 0, 0]
  for (const { name, shape } of weights) {
    const size = product(shape)
    if (adapted.has(name)) {
      summed += size
      largest = Math.max(largest, size)
    } else if (shape.length > 1) held += size
  }
  // DoRA keeps the sum before its rows are scaled as well; rounding makes two more of one matrix.
  return { held: held * width, pass: summed * (width + (options.dora ? 4 : 0)) + largest * 8 }
}
