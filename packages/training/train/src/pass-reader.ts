/**
 * Forward and backward passes: on a tape, in parts if a pass does not fit in memory, over data- or model-parallel ranks. Keeps no
 * state across steps except the split.
 */

import {
  type ExpertBalance,
  type LoraAdapters,
  type OnGradients,
  type PartParameters,
  type Segment,
  Tape,
  type TrainedWeights,
} from '@hadal/nn'
import { recordRange, scope } from '@hadal/tensor'
import type { OpenModel } from './kinds/open-model.ts'
import type { StepMemoryWatch } from './memory/step-memory.ts'
import { type PassGradients, type Split, WithinMemory } from './memory/within-memory.ts'
import type { DataParallel } from './parallel/data-parallel.ts'
import type { DividedModel } from './parallel/divided-model.ts'
import type { Pass } from './task/pass.ts'

/** The parts of a session that passes use. */
export interface ReadWith {
  readonly model: OpenModel
  readonly weights: TrainedWeights
  readonly adapters: LoraAdapters | undefined
  /** Dropout of `adapters`. */
  readonly dropout: number
  readonly balance: ExpertBalance | undefined
  readonly parameters: PartParameters
  readonly segments: readonly Segment[] | undefined
  readonly memoryWatch: StepMemoryWatch
  readonly divided: DividedModel | undefined
  readonly data: DataParallel | undefined
}

export class PassReader {
  readonly #with: ReadWith
  readonly #withinMemory = new WithinMemory()

  constructor(parts: ReadWith) {
    this.#with = parts
  }

  /**
   * The pass's loss, and the gradients of `upstream` times that loss, fp32, in the order of the masters. Processed in parts if it
   * does not fit in memory; throws `train_out_of_memory` if one row does not. If ranks divide the batch, the loss is this rank's
   * and `DataParallel` holds the gradients.
   */
  gradients(pass: Pass, upstream: number, isLast: boolean): PassGradients {
    const { data, divided, balance } = this.#with
    if (data) return this.#partGradients(data, pass, upstream, isLast)
    const compute = (part: Pass): PassGradients => scope(() => this.#gradientsOf(part, upstream))
    // Ranks would have to meet in the same collectives after a failure of one.
    if (divided) return compute(pass)
    return this.#withinMemory.gradients(pass, compute, () => balance?.mark() ?? (() => {}))
  }

  /** The number of parts, if it changed in this step. */
  takeSplit(): Split | undefined {
    return this.#withinMemory.takeSplit()
  }

  #partGradients(data: DataParallel, whole: Pass, upstream: number, isLast: boolean): PassGradients {
    const { pass, counts } = data.partOf(whole)
    // The backward pass also runs for rows that do not count: other ranks wait for their tokens' gradients from the experts here.
    const compute = (take: OnGradients): PassGradients =>
      scope(() => this.#gradientsOf(pass, counts ? upstream : 0, counts, take))
    return data.around(() =>
      data.sumGradients(isLast, counts, (take) => {
        // Dropout draws random numbers.
        const { loss } = this.#with.dropout > 0 ? data.withOwnRandom(() => compute(take)) : compute(take)
        return { loss: counts ? loss : 0, gradients: [] }
      }),
    )
  }

  #gradientsOf(pass: Pass, upstream: number, counts = true, take?: OnGradients): PassGradients {
    const { model, weights, balance, parameters, segments, memoryWatch, data } = this.#with
    const tape = new Tape(upstream, data?.hold)
    const { working } = weights
    const trained = { tape, segments, parameters, working, balance: counts ? balance : undefined }
    this.#setTraining(true)
    try {
      // A separate scope frees what the backward pass does not need, above all logits, before it begins.
      const loss = recordRange('phase:forward', () => scope(() => pass.loss(model.view(trained))))
      memoryWatch.end('forward')
      const gradients = recordRange('phase:backward', () => weights.gradients(loss, tape, take))
      memoryWatch.end('back')
      return { loss: loss.item() as number, gradients }
    } finally {
      tape.free()
      this.#setTraining(false)
    }
  }

  /** With adapters the base model is frozen, including its statistics. */
  #setTraining(training: boolean): void {
    const { adapters, model } = this.#with
    if (adapters) adapters.training = training
    else model.setTraining?.(training)
  }
}
