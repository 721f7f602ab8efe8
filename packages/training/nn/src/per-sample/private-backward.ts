/** Inputs and results of a private backward pass. */

import type { Tensor } from '@hadal/tensor'
import type { Tape } from '../tape/tape.ts'
import type { Clipping } from './clipping.ts'

export interface PrivateBackward {
  readonly samples: number
  /** Neighbouring rows of dimension 0 that are one sample: augmented views of it. Default 1. */
  readonly rowsPerSample?: number
  readonly clipping: Clipping
  /**
   * `book-keeping`: one backward pass; keeps inputs and output gradients of layers until all norms are known (Bu et al.
   * 2022, arXiv:2210.00038). `ghost`: two passes, and keeps nothing, for layers that are recomputed (Li et al. 2021,
   * arXiv:2110.05679); one pass where layers are clipped by themselves. `exact`: sample by sample, for every model that does not
   * mix samples.
   */
  readonly mode: 'book-keeping' | 'ghost' | 'exact'
  /** Trained parameters, in the order of the returned gradients. */
  readonly parameters: readonly Tensor[]
  /** Names of these, for errors. */
  readonly names?: readonly string[]
  /** Layer index of each parameter, from 0, for `per-layer` clipping: see `layersOf`. Default: each is its own layer. */
  readonly layers?: readonly number[]
  /** The summed loss of all samples, or of one alone (exact), on the tape given. Ghost calls it twice, with the same random numbers. */
  loss(tape: Tape, sample?: number): Tensor
  /** Default: one without records, for gradients of the loss itself. */
  readonly newTape?: () => Tape
}

export interface ClippedGradients {
  /** fp32 sums over samples, of the parameters' shapes. */
  readonly gradients: Tensor[]
  /** Summed over samples; not finite where one is not. */
  readonly loss: number
  /** fp32 [samples], before clipping. */
  readonly norms: Tensor
  /** Samples whose gradient exceeded the limit. */
  readonly clipped: number
  /** Samples with non-finite gradients; they contribute nothing. */
  readonly notFinite: number
}
