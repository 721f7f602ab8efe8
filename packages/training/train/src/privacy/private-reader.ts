/**
 * Forward and backward passes of a private step, to the sum of clipped per-sample gradients. A pass that does not fit in memory is
 * split.
 */

import { randomInt } from 'node:crypto'
import { clippedGradients, layersOf, Tape } from '@hadal/nn'
import { getRngState, manualSeed, recordRange, scope, setRngState, type Tensor } from '@hadal/tensor'
import { type PassGradients, type Split, WithinMemory } from '../memory/within-memory.ts'
import type { ReadWith } from '../pass-reader.ts'
import type { Pass } from '../task/pass.ts'
import type { PrivacyPlan } from './privacy-options.ts'
import type { RowCount } from './row-figures.ts'

export class PrivateReader {
  readonly #with: ReadWith
  readonly #plan: PrivacyPlan
  /** Multiplier of a row's summed loss before clipping, so that norms are comparable for windows of any length. */
  readonly #rowScale: number
  readonly #names: readonly string[]
  readonly #layers: readonly number[]
  readonly #withinMemory = new WithinMemory()

  constructor(parts: ReadWith, plan: PrivacyPlan, rowScale: number) {
    this.#with = parts
    this.#plan = plan
    this.#rowScale = rowScale
    this.#names = [...parts.weights.working.keys()]
    this.#layers = layersOf(this.#names)
  }

  /**
   * The pass's loss, as passes have it, and the sum of its rows' clipped gradients, fp32, in the order of the masters; in the caller's
   * scope. Throws `train_out_of_memory` where one row does not fit.
   */
  clipped(pass: Pass, count: RowCount): PassGradients {
    const compute = (part: Pass): PassGradients => scope(() => this.#clippedOf(part, count))
    const gradients = (): PassGradients => this.#withinMemory.gradients(pass, compute, () => () => {})
    return this.#plan.secure && this.#with.dropout > 0 ? withSecretRandom(gradients) : gradients()
  }

  /** The number of parts, if it changed in this step. */
  takeSplit(): Split | undefined {
    return this.#withinMemory.takeSplit()
  }

  #clippedOf(pass: Pass, count: RowCount): PassGradients {
    const { model, weights, adapters, parameters, segments, memoryWatch } = this.#with
    const { clipping, mode } = this.#plan
    const single = mode === 'exact' ? pass.split(pass.rows) : []
    const loss = (tape: Tape, sample?: number): Tensor => {
      const of = sample === undefined ? pass : single[sample]!
      const view = model.view({ tape, segments, parameters, working: weights.working, balance: undefined })
      const summed = recordRange('phase:forward', () => scope(() => of.loss(view).mul(this.#rowScale)))
      memoryWatch.end('forward')
      return summed
    }
    if (adapters) adapters.training = true
    try {
      const requested = {
        samples: pass.rows,
        rowsPerSample: pass.rowsPerSample ?? 1,
        clipping,
        mode,
        parameters: [...weights.working.values()],
        names: this.#names,
        layers: this.#layers,
        loss,
        newTape: () => new Tape(1),
      }
      const made = recordRange('phase:gradients', () => clippedGradients(requested))
      memoryWatch.end('back')
      count.add(made)
      return { loss: made.loss / this.#rowScale, gradients: made.gradients }
    } finally {
      if (adapters) adapters.training = false
    }
  }
}

/**
 * Runs `body` with non-reproducible random numbers, then restores the previous state: dropout of a row depends on the rows before
 * it, and an advanced state would reveal the number of rows in a checkpoint.
 */
function withSecretRandom<T>(body: () => T): T {
  const before = getRngState()
  manualSeed(randomInt(2 ** 48 - 1))
  try {
    return body()
  } finally {
    setRngState(before)
  }
}
