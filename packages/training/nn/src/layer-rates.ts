/**
 * Layer-wise learning rates: low at the bottom of a model, near the input, high at the top (Howard and Ruder 2018,
 * arXiv:1801.06146). Pure.
 */

/** Rates at the schedule's peak. The top's rate is the peak itself, so that the reported rate is one in use. */
export interface LayerRates {
  /** Rate of the first layer and of embeddings, including tied ones; default: a tenth of the top's. */
  readonly bottom?: number
  /** Rate of the last layer and of everything after it: final norm, output matrix, heads. Always the schedule's peak. */
  readonly top?: number
  /** Interpolation between them, by a constant difference or factor; or the rate of each layer. Default: `linear`. */
  readonly shape?: 'linear' | 'geometric' | readonly number[]
  /** Instead of `bottom`: each layer has this share of the rate of the one above, which is `geometric` in other words. */
  readonly decay?: number
}

/** Every rate, written out. */
export interface RatesByLayer {
  readonly bottom: number
  /** From the first layer to the last. */
  readonly layers: readonly number[]
  readonly top: number
}

/**
 * `rates` are to be free of `layerRateIssues`. A single layer has the top's rate.
 *
 * @example
 * ```ts
 * import { ratesByLayer } from '@hadal/nn'
 *
 * ratesByLayer({ decay: 0.5 }, 1e-3, 3) // → { bottom: 0.00025, layers: [ 0.00025, 0.0004999999999999999, 0.001 ], top: 0.001 }
 * ```
 */
export function ratesByLayer(rates: LayerRates, peak: number, layerCount: number): RatesByLayer {
  const { shape = rates.decay === undefined ? 'linear' : 'geometric', decay } = rates
  const top = peak
  if (typeof shape !== 'string') return { bottom: rates.bottom ?? shape[0]!, layers: [...shape], top }
  const bottom = decay === undefined ? (rates.bottom ?? top / 10) : top * decay ** (layerCount - 1)
  const layers = Array.from({ length: layerCount }, (_, layer) => {
    const height = layerCount === 1 ? 1 : layer / (layerCount - 1)
    return shape === 'linear' ? bottom * (1 - height) + top * height : bottom ** (1 - height) * top ** height
  })
  return { bottom, layers, top }
}

/**
 * Multiplier of the schedule's rate for a parameter of this name. `rates` must be valid (`layerRateIssues`).
 *
 * @internal
 */
export function layerRateFactor(
  rates: LayerRates,
  peak: number,
  layerCount: number,
): (name: string) => number {
  const written = ratesByLayer(rates, peak, layerCount)
  return (name) => layerRate(name, written) / written.top
}

/** The rate of a parameter by name: a model's (`model.layers.3.…`), an adapter's or a head's. */
export function layerRate(name: string, { bottom, layers, top }: RatesByLayer): number {
  const layer = /(?:^|\.)layers\.(\d+)\./.exec(name)?.[1]
  if (layer !== undefined) return layers[Number(layer)] ?? top
  return /(?:^|\.)embed_tokens\./.test(name) ? bottom : top
}
