/**
 * A run's quantisation options and defaults: types of weights and activations, and the course from fp32 through 16 bits to the grid
 * that the model is served on.
 */

/** `int8`, `int4`: symmetric, by output of a layer or by groups along its inputs. The others are GGUF's, with its exporter's mix. */
export type WeightType = 'int8' | 'int4' | 'q8_0' | 'q4_0' | 'q4_k'

export interface RunQuantization {
  readonly weights: WeightType
  /** For `int4`: 32, 64 or 128 adjacent weights share a scale. */
  readonly groupSize: number
  /** `int8`: affine by tensor, in ranges that were observed (images), or every 32 by their own largest (decoders). */
  readonly activations: 'none' | 'int8'
  readonly observer: 'min-max' | 'moving-average' | 'histogram'
  /** Weight of a pass in the moving average. */
  readonly averaging: number
  /** Between the steps in fp32 and the quantised ones. */
  readonly half: 'bf16' | 'fp16'
  readonly fp32Steps: number
  readonly halfSteps: number
  /** Observers start this many steps before the first quantised one. */
  readonly observeSteps: number
  /** After this step ranges are frozen, including those of weights. */
  readonly freezeObserversStep: number
  /** Likewise for running statistics of batch norms, which normalise with them from then on. */
  readonly freezeNormsStep: number
  /** Names of layers that stay unquantised; `*` matches any characters. */
  readonly skip: readonly string[]
}

type Defaulted = 'groupSize' | 'observer' | 'averaging' | 'half' | 'skip'

export const quantizationDefaults: Pick<RunQuantization, Defaulted> = {
  groupSize: 32,
  observer: 'moving-average',
  averaging: 0.01,
  half: 'bf16',
  skip: [],
}
