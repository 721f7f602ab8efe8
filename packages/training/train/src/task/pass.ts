/** The interface between the training loop and an objective: passes with a loss to minimise. */

import type { Module } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import type { ModelView } from '../kinds/open-model.ts'

/** A forward and backward pass: part of a step, or of the held-out data. */
export interface Pass<View extends ModelView = ModelView> {
  /** Targets, pairs or examples that carry loss: a step divides the sum over its passes by the sum of their weights. */
  readonly weight: number
  /** Amount read, in the unit of the model's kind: tokens including padding, or images. */
  readonly tokens: number
  /** Rows of the data: windows, pairs, texts, images. */
  readonly rows: number
  /** Number of adjacent model rows that are views of one data row. Default 1. */
  readonly rowsPerSample?: number
  /** Human-readable location of its rows in the data. */
  describe(): string
  /** Splits the rows evenly into N passes, or one per row if there are fewer. */
  split(parts: number): Pass<View>[]
  /** Summed with weights. Call inside a scope, which owns the result. */
  loss(model: View): Tensor
  /** The loss and further evaluation measures. Call inside a scope as well. */
  measure?(model: View): Measured
}

/** Measures over the rows of a pass. */
export interface Measured {
  /** Summed over the weight. */
  readonly loss: Tensor
  /** Sums over rows, by name; reported as means per row. */
  readonly sums: Readonly<Record<string, Tensor>>
}

/** An endless source of training passes. The next pass is a function of its position alone. */
export interface PassSource<View extends ModelView = ModelView> {
  next(): Pass<View> | Promise<Pass<View>>
  /** All passes of the next step, instead of `next`, where how many there are is drawn; none at times. */
  nextStep?(): Pass<View>[]
  /** Survives JSON. */
  readonly position: unknown
  restore(position: unknown): void
  /** Epochs drawn so far. */
  readonly epochs: number
}

/** An objective over the data of a run. */
export interface Task<View extends ModelView = ModelView> {
  /** Additional parameters that read the model's hidden states. */
  readonly head: Module | undefined
  readonly training: PassSource<View>
  /**
   * Call once, with the initial weights, before the first pass. It can take long, so `isStopRequested` can request an early end, on which
   * ranks that divide the model agree; after an early end, and without this call, passes have their usual cost but a wrong loss.
   * `isAlone` if no other rank computes along: then passes that do not fit in memory are split, and `train_out_of_memory` is thrown
   * if a single row does not fit.
   */
  prepare(model: View, isStopRequested?: () => boolean, isAlone?: boolean): Promise<void>
  /** Passes over all held-out data. */
  heldOut(): Iterable<Pass<View>>
  /** Replaces those passes if the measures need all held-out data at once. */
  evaluate?(model: View): Promise<Evaluated>
}

export interface Evaluated {
  /** Mean over everything that carries loss: for tokens, nats a token. */
  readonly loss: number
  /** Means over rows, by name. */
  readonly measures: Readonly<Record<string, number>>
}
