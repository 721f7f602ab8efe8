/**
 * Llama 3.1's context extension of rotary positions ("rope_type": "llama3"): low frequencies are divided by the factor, high ones
 * stay, those between are interpolated. Pure numbers.
 */

import { inverseFrequencies } from './rotary.ts'

export interface Llama3Scaling {
  readonly rope_type: 'llama3'
  /** Context extension factor. */
  readonly factor: number
  /** Waves longer than the original context divided by this are stretched by the whole factor. */
  readonly low_freq_factor: number
  /** Waves shorter than the original context divided by this stay as they are. */
  readonly high_freq_factor: number
  /** Longest sequence before it, in tokens. */
  readonly original_max_position_embeddings: number
}

/**
 * Radians a position, of each of the `width` / 2 pairs of dimensions.
 *
 * @internal
 */
export function llama3Frequencies(width: number, theta: number, scaling: Llama3Scaling): number[] {
  const { factor, low_freq_factor, high_freq_factor, original_max_position_embeddings } = scaling
  return inverseFrequencies(width, theta).map((frequency) => {
    const wavesPerContext = (original_max_position_embeddings * frequency) / (2 * Math.PI)
    const share = (wavesPerContext - low_freq_factor) / (high_freq_factor - low_freq_factor)
    const kept = Math.min(Math.max(share, 0), 1)
    return kept * frequency + ((1 - kept) * frequency) / factor
  })
}
