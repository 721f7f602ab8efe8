/**
 * Splits passes that do not fit in memory. Gradients are sums over rows, so those of the parts add up to the whole; later passes
 * start with the last size that fitted. Single process only: a rank that aborts in the middle of a pass would leave others in a
 * collective.
 */

import { HadalError } from '@hadal/base'
import { emptyCache, getRngState, setRngState, type Tensor, torch } from '@hadal/tensor'
import { outOfMemory } from '../errors.ts'
import type { Pass } from '../task/pass.ts'

export interface PassGradients {
  readonly loss: number
  readonly gradients: Tensor[]
}

/** Passes are read in N parts from now on. */
export interface Split {
  readonly parts: number
  /** The allocation that failed. */
  readonly reason: string
}

export class WithinMemory {
  #parts = 1
  #split: Split | undefined

  /**
   * Result of `compute` for `pass`, in the caller's scope; `forget` reverts the effects of an aborted part. Throws
   * `train_out_of_memory` if a single row does not fit.
   */
  gradients(pass: Pass, compute: (part: Pass) => PassGradients, forget: () => () => void): PassGradients {
    const parts = this.#parts === 1 ? [pass] : pass.split(this.#parts)
    return this.#sum(parts, compute, forget, parts.length)
  }

  /** The number of parts, if it changed since the last call. */
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
      else addGradients(gradients, made.gradients)
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
    let failure: HadalError
    try {
      random = getRngState()
      return compute(part)
    } catch (thrown) {
      if (!isOutOfMemory(thrown)) throw thrown
      failure = thrown
    }
    giveUp()
    emptyCache()
    if (random) setRngState(random)
    const halves = part.split(2)
    if (halves.length === 1) throw noRoomFor(part, failure)
    if (2 * count > this.#parts) {
      this.#parts = 2 * count
      this.#split = { parts: this.#parts, reason: failure.message }
    }
    return this.#sum(halves, compute, forget, 2 * count)
  }
}

/** Adds a part's gradients to the accumulated ones and frees them. */
export function addGradients(into: readonly Tensor[], part: readonly Tensor[]): void {
  if (part.length > 0) torch._foreachAdd_(into, part)
  for (const gradient of part) gradient.free()
}

/** Result of `read` for a pass, or the sum over its parts if the whole does not fit. */
export function sumsWithin(pass: Pass, read: (part: Pass) => readonly number[]): readonly number[] {
  try {
    return read(pass)
  } catch (thrown) {
    if (!isOutOfMemory(thrown)) throw thrown
    emptyCache()
    const halves = pass.split(2)
    if (halves.length === 1) throw noRoomFor(pass, thrown)
    const [sums, ...others] = halves.map((half) => sumsWithin(half, read))
    return sums!.map((sum, at) => others.reduce((all, other) => all + other[at]!, sum))
  }
}

/** `train_out_of_memory` for a row of N tokens. */
export const noRoomForRow = (tokens: number, failure: HadalError): HadalError =>
  outOfMemory(`one row of ${tokens} tokens`, failure.message).with({ cause: failure })

const noRoomFor = ({ rows, tokens }: Pass, failure: HadalError): HadalError =>
  rows === 1
    ? noRoomForRow(tokens, failure)
    : outOfMemory(`a batch of ${rows} rows that are compared`, failure.message).with({ cause: failure })

export const isOutOfMemory = (thrown: unknown): thrown is HadalError =>
  thrown instanceof HadalError && thrown.code === 'tensor_out_of_memory'
