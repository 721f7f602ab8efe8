/**
 * Passes that do not fit in memory are read in parts that do. Gradients are sums over rows, so those of the parts add up to those of
 * the whole; what fitted once is what later passes begin with.
 */

import { HadalError } from '@hadal/base'
import { emptyCache, getRngState, setRngState, type Tensor, torch } from '@hadal/tensor'
import { outOfMemory } from '../errors.ts'
import type { Pass } from '../task/pass.ts'

export interface PassGradients {
  readonly loss: number
  readonly gradients: Tensor[]
}

/** That passes are read in so many parts from now on. */
export interface Split {
  readonly parts: number
  /** What could not be had. */
  readonly reason: string
}

/** Whether any of the processes that compute together met it; all have to be asked after each part. */
export type AgreeFailed = (failed: boolean) => boolean

export class WithinMemory {
  #parts = 1
  #split: Split | undefined
  readonly #agreeFailed: AgreeFailed

  constructor(agreeFailed: AgreeFailed = (failed) => failed) {
    this.#agreeFailed = agreeFailed
  }

  /**
   * What `compute` gives of `pass`, in one scope of the caller; `forget` undoes what a part left that was given up. Throws
   * `train_out_of_memory` where a single row does not fit.
   */
  gradients(pass: Pass, compute: (part: Pass) => PassGradients, forget: () => () => void): PassGradients {
    const parts = this.#parts === 1 ? [pass] : pass.split(this.#parts)
    return this.#sum(parts, compute, forget, parts.length)
  }

  /** How finely passes are cut since the last call, if that changed. */
  takeSplit(): Split | undefined {
    const split = this.#split
    this.#split = undefined
    return split
  }

  #sum(
    parts: readonly Pass[],
    compute: (part: Pass) => PassGradients,
    forget: () => () => void,
    count: number,
  ): PassGradients {
    let loss = 0
    let gradients: Tensor[] | undefined
    for (const part of parts) {
      const made = this.#whole(part, compute, forget, count)
      loss += made.loss
      if (!gradients) gradients = made.gradients
      else {
        torch._foreachAdd_(gradients, made.gradients)
        for (const gradient of made.gradients) gradient.free()
      }
    }
    return { loss, gradients: gradients! }
  }

  /** `count`: into how many like this one a pass is cut. */
  #whole(
    part: Pass,
    compute: (part: Pass) => PassGradients,
    forget: () => () => void,
    count: number,
  ): PassGradients {
    let random: Uint8Array | undefined
    const giveUp = forget()
    let made: PassGradients | undefined
    let failure: HadalError | undefined
    try {
      random = getRngState()
      made = compute(part)
    } catch (thrown) {
      if (!isOutOfMemory(thrown)) throw thrown
      failure = thrown
    }
    if (!this.#agreeFailed(failure !== undefined)) return made!
    for (const gradient of made?.gradients ?? []) gradient.free()
    giveUp()
    emptyCache()
    if (random) setRngState(random)
    const halves = part.split(2)
    const reason = failure?.message ?? 'another process had none'
    if (halves.length === 1) throw outOfMemory(part.tokens, reason).with({ cause: failure })
    if (2 * count > this.#parts) {
      this.#parts = 2 * count
      this.#split = { parts: this.#parts, reason }
    }
    return this.#sum(halves, compute, forget, 2 * count)
  }
}

/** What `read` gives of a pass, or the sum of what it gives of parts where the whole does not fit. */
export function sumWithin(pass: Pass, read: (part: Pass) => number): number {
  try {
    return read(pass)
  } catch (thrown) {
    if (!isOutOfMemory(thrown)) throw thrown
    emptyCache()
    const halves = pass.split(2)
    if (halves.length === 1) throw outOfMemory(pass.tokens, thrown.message).with({ cause: thrown })
    return halves.reduce((sum, half) => sum + sumWithin(half, read), 0)
  }
}

export const isOutOfMemory = (thrown: unknown): thrown is HadalError =>
  thrown instanceof HadalError && thrown.code === 'tensor_out_of_memory'
