/** The weights of the classifier: in full precision while it is trained, and in 8 bits where it is used. */

/** @internal */
export interface LinearModel {
  readonly weights: Float32Array
  readonly bias: number
}

/**
 * Added to the n-gram count, so that one or two words cannot be decisive.
 *
 * @internal
 */
export const featureFloor = 60

/**
 * A model quantized to 8 bits: a weight is `scale` times the integer. Outliers are clipped.
 *
 * @internal
 */
export interface QuantizedModel {
  readonly weights: Int8Array
  readonly scale: number
  readonly bias: number
}

/** @internal */
export function quantized({ weights, bias }: LinearModel): QuantizedModel {
  const sizes = weights
    .filter((weight) => weight !== 0)
    .map(Math.abs)
    .sort()
  const scale = (sizes[Math.floor((sizes.length - 1) * 0.9995)] ?? 1) / 127
  return {
    weights: Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight / scale)))),
    scale,
    bias,
  }
}
