/** Fake quantisation schemes: bit width and scales. */

/** The granularity of scales, and the values that determine them. */
export interface FakeQuantScheme {
  /** 2 to 8. */
  readonly bits: number
  /** Zero is the middle of the range; otherwise the range covers the observed values and zero. */
  readonly symmetric: boolean
  readonly signed: boolean
  /** One scale for all, per index of the first dimension, or per group of adjacent values in its rows. */
  readonly granularity: Granularity
  /** `histogram` takes the range in which rounding errs least, of one scale for all; the others take all they saw. */
  readonly observer: 'min-max' | 'moving-average' | 'histogram'
  /** Weight of a pass in the moving average. Default 0.01. */
  readonly averaging?: number
  /** Leaves one bit out, against overflow in kernels that add pairs of products in 16 bits. */
  readonly reduceRange?: boolean
  /** Signed and symmetric: leaves the lowest value out, so that 8 bits are -127 to 127. Default true. */
  readonly narrow?: boolean
}

export type Granularity = 'tensor' | 'channel' | { readonly group: number }

/**
 * Weights: a scale for each output, [-127, 127]. The usual one of integer kernels, and of ONNX.
 *
 * @example
 * ```ts
 * import { int8Weights } from '@hadal/nn'
 *
 * int8Weights.bits // → 8
 * int8Weights.granularity // → 'channel'
 * ```
 */
export const int8Weights: FakeQuantScheme = {
  bits: 8,
  symmetric: true,
  signed: true,
  granularity: 'channel',
  observer: 'min-max',
}

/**
 * Activations: one scale, [0, 255] with a zero point.
 *
 * @example
 * ```ts
 * import { uint8Activations } from '@hadal/nn'
 *
 * uint8Activations.observer // → 'moving-average'
 * ```
 */
export const uint8Activations: FakeQuantScheme = {
  bits: 8,
  symmetric: false,
  signed: false,
  granularity: 'tensor',
  observer: 'moving-average',
}

export interface QuantRange {
  readonly quantMin: number
  readonly quantMax: number
}

/**
 * The integers of a scheme, ends included.
 *
 * @internal
 */
export function quantRange(scheme: FakeQuantScheme): QuantRange {
  const { bits, symmetric, signed, narrow = true, reduceRange = false } = scheme
  const half = 2 ** (bits - 1)
  const [low, high] = signed ? [symmetric && narrow ? 1 - half : -half, half - 1] : [0, 2 * half - 1]
  if (!reduceRange) return { quantMin: low, quantMax: high }
  return { quantMin: Math.floor(low / 2), quantMax: Math.floor(high / 2) }
}

/** The integer for zero in a symmetric scheme: as in PyTorch, 128 of [0, 255] and the lower middle for fewer bits. */
export function middleOf(scheme: FakeQuantScheme): number {
  if (scheme.signed) return 0
  const { quantMin, quantMax } = quantRange(scheme)
  return scheme.bits === 8 ? 128 : Math.floor((quantMin + quantMax) / 2)
}

/** Contradictions, in terms of the settings. */
export function schemeIssues(scheme: FakeQuantScheme): string[] {
  const { bits, symmetric, signed, granularity, observer, averaging, reduceRange, narrow } = scheme
  const issues: string[] = []
  if (!(Number.isInteger(bits) && bits >= 2 && bits <= 8)) issues.push(`bits is ${bits}: 2 to 8`)
  if (typeof granularity === 'object' && !(Number.isInteger(granularity.group) && granularity.group >= 2))
    issues.push(`granularity.group is ${granularity.group}: an integer from 2 on`)
  if (observer === 'histogram' && granularity !== 'tensor')
    issues.push('observer "histogram" is for one scale of a whole tensor (granularity "tensor")')
  if (averaging !== undefined && !(averaging > 0 && averaging <= 1))
    issues.push(`averaging is ${averaging}: above 0, at most 1`)
  if (reduceRange && symmetric && !signed)
    issues.push('reduceRange would leave zero outside of an unsigned symmetric range')
  if (narrow && !(symmetric && signed)) issues.push('narrow is for signed symmetric ranges')
  return issues
}
