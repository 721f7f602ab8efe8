/**
 * The sequences an engine is working on, and which of their tokens each step computes. Holds the state that `planStep`
 * decides from; the same calls in the same order give the same plans. Knows nothing of models, memory or clocks.
 */

import {
  type PrefillChunk,
  planStep,
  type SequenceState,
  type StepLimits,
  type StepPlan,
} from './plan-step.ts'

export class StepScheduler<Id> {
  readonly #limits: StepLimits
  readonly #maxBatchSize: number
  /** In order of admission. */
  readonly #sequences = new Map<Id, SequenceState<Id>>()
  #step = 0

  constructor(limits: StepLimits & { readonly maxBatchSize: number }) {
    const { maxBatchTokens, maxBatchSize, maxPrefillTokensBesideDecodes, minPrefillChunk } = limits
    if (maxBatchTokens < maxBatchSize)
      throw new RangeError(`maxBatchTokens ${maxBatchTokens} is less than maxBatchSize ${maxBatchSize}`)
    if (Math.min(maxBatchSize, maxPrefillTokensBesideDecodes, minPrefillChunk) < 1)
      throw new RangeError('limits must be at least 1')
    this.#limits = limits
    this.#maxBatchSize = maxBatchSize
  }

  get size(): number {
    return this.#sequences.size
  }

  hasRoom(): boolean {
    return this.#sequences.size < this.#maxBatchSize
  }

  /** `promptTokens` still to be computed: at least one, the last, because its logits give the first new token. */
  admit(id: Id, promptTokens: number): void {
    if (!this.hasRoom()) throw new RangeError(`all ${this.#maxBatchSize} places are taken`)
    if (this.#sequences.has(id)) throw new RangeError(`${String(id)} is admitted already`)
    if (promptTokens < 1) throw new RangeError('a sequence needs at least one prompt token to compute')
    this.#sequences.set(id, { id, promptTokensLeft: promptTokens, lastPrefillStep: this.#step })
  }

  /** Finished or cancelled; harmless for an id that is gone already. */
  remove(id: Id): void {
    this.#sequences.delete(id)
  }

  /** What to compute next. Nothing changes until `commit`: a step that failed can be planned again. */
  plan(): StepPlan<Id> {
    return planStep([...this.#sequences.values()], this.#limits)
  }

  /** `plan` was computed. Returns the prefill chunks that finished their prompt: their sequences decode from now on. */
  commit(plan: StepPlan<Id>): readonly PrefillChunk<Id>[] {
    this.#step += 1
    const finished: PrefillChunk<Id>[] = []
    for (const chunk of plan.prefills) {
      const state = this.#sequences.get(chunk.id)
      if (state === undefined) continue
      const promptTokensLeft = state.promptTokensLeft - chunk.tokens
      this.#sequences.set(chunk.id, { ...state, promptTokensLeft, lastPrefillStep: this.#step })
      if (promptTokensLeft === 0) finished.push(chunk)
    }
    return finished
  }
}
