/** What the loop asks of an objective: passes with a loss to go down on. Knows nothing about where their rows come from. */

import type { HiddenModel, Module } from '@hadal/nn'
import type { Tensor } from '@hadal/tensor'

/** One pass forward and back: a part of a step, or of the held-out data. */
export interface Pass {
  /** Targets, pairs or examples that carry loss: a step divides the sum over its passes by the sum of their weights. */
  readonly weight: number
  /** Tokens read, padding included. */
  readonly tokens: number
  /** Where in the data its rows are, for people. */
  describe(): string
  /** The same rows as so many passes, or as one a row where there are fewer; each as even as can be. */
  split(parts: number): Pass[]
  /** Summed over the weight. Call it inside a scope: what it makes belongs to that. */
  loss(model: HiddenModel): Tensor
}

/** Where the passes of training come from, endlessly. What it gives next is a function of its position alone. */
export interface PassSource {
  next(): Pass | Promise<Pass>
  /** Survives JSON. */
  readonly position: unknown
  restore(position: unknown): void
  /** Epochs drawn so far. */
  readonly epochs: number
}

/** An objective over the data of a run. */
export interface Task {
  /** Parameters beside the model's: what reads its hidden states. */
  readonly head: Module | undefined
  readonly training: PassSource
  /**
   * Once, with the weights that training starts from, before the first pass. Can take long, so that it ends early when it `isAsked` to,
   * in which ranks that divide the model agree; then, and without it, passes have their usual cost and not their loss. `isAlone` where no other rank computes along: what
   * does not fit in memory is then read in parts, and `train_out_of_memory` thrown where one row does not.
   */
  prepare(model: HiddenModel, isAsked?: () => boolean, isAlone?: boolean): Promise<void>
  /** Passes over all held-out data. */
  heldOut(): Iterable<Pass>
}
