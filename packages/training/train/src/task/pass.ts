/** What the loop asks of an objective: passes with a loss to go down on. Knows nothing about where their rows come from. */

import type { Module } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'
import type { Evaluated } from '../evaluate.ts'
import type { ModelView } from '../kinds/open-model.ts'

/** One pass forward and back: a part of a step, or of the held-out data. */
export interface Pass<View extends ModelView = ModelView> {
  /** Targets, pairs or examples that carry loss: a step divides the sum over its passes by the sum of their weights. */
  readonly weight: number
  /** What was read, in the unit of the model's kind: tokens, padding included, or images. */
  readonly tokens: number
  /** Rows of the data: windows, pairs, texts, images. */
  readonly rows: number
  /** So many neighbouring rows of what the model reads are one row of the data: views of it. Default 1. */
  readonly rowsPerSample?: number
  /** Where in the data its rows are, for people. */
  describe(): string
  /** The same rows as so many passes, or as one a row where there are fewer; each as even as can be. */
  split(parts: number): Pass<View>[]
  /** Summed over the weight. Call it inside a scope: what it makes belongs to that. */
  loss(model: View): Tensor
  /** The loss and what else an evaluation is to tell, where there is more. In a scope, too. */
  measure?(model: View): Measured
}

/** Of the rows of a pass. */
export interface Measured {
  /** Summed over the weight. */
  readonly loss: Tensor
  /** Summed over the rows, by name: told as the mean of a row. */
  readonly sums: Readonly<Record<string, Tensor>>
}

/** Where the passes of training come from, endlessly. What it gives next is a function of its position alone. */
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
  /** Parameters beside the model's: what reads its hidden states. */
  readonly head: Module | undefined
  readonly training: PassSource<View>
  /**
   * Once, with the weights that training starts from, before the first pass. Can take long, so that it ends early when it `isAsked` to,
   * in which ranks that divide the model agree; then, and without it, passes have their usual cost and not their loss. `isAlone` where no other rank computes along: what
   * does not fit in memory is then read in parts, and `train_out_of_memory` thrown where one row does not.
   */
  prepare(model: View, isAsked?: () => boolean, isAlone?: boolean): Promise<void>
  /** Passes over all held-out data. */
  heldOut(): Iterable<Pass<View>>
  /** Instead of reading those: where what is measured is of all held-out data together. */
  evaluate?(model: View): Promise<Evaluated>
}
