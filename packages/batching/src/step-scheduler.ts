/**
 * The sequences an engine is working on, and which of their tokens each step computes. Holds the state that `planStep`
 * decides from; the same calls in the same order give the same plans. Knows nothing of models, memory or clocks.
 */

import {
  nextGroup,
  type PrefillChunk,
  planStep,
  type SequenceState,
  type StepLimits,
  type StepPlan,
  type Turn,
} from './plan-step.ts'

export class StepScheduler<Id> {
  readonly #limits: StepLimits
  readonly #maxBatchSize: number
  /** In order of admission. */
  readonly #sequences = new Map<Id, SequenceState<Id>>()
  /** The last step of each group that has sequences; until it has had one, the step of its first admission. */
  readonly #lastSteps = new Map<string, number>()
  #turn: Turn = { group: '', steps: 0 }
  #step = 0

  constructor(limits: StepLimits & { readonly maxBatchSize: number }) {
    const { maxBatchTokens, maxBatchSize, maxPrefillTokensBesideDecodes } = limits
    const { minPrefillChunk, stepsPerTurn } = limits
    if (maxBatchTokens < maxBatchSize)
      throw new RangeError(`maxBatchTokens ${maxBatchTokens} is less than maxBatchSize ${maxBatchSize}`)
    if (Math.min(maxBatchSize, maxPrefillTokensBesideDecodes, minPrefillChunk, stepsPerTurn) < 1)
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

  /**
   * `promptTokens` still to be computed: at least one, the last, because its logits give the first new token. Sequences of
   * different groups are never in one plan.
   */
  admit(id: Id, promptTokens: number, group = ''): void {
    if (!this.hasRoom()) throw new RangeError(`all ${this.#maxBatchSize} places are taken`)
    if (this.#sequences.has(id)) throw new RangeError(`${String(id)} is admitted already`)
    if (promptTokens < 1) throw new RangeError('a sequence needs at least one prompt token to compute')
    this.#sequences.set(id, { id, group, promptTokensLeft: promptTokens, lastPrefillStep: this.#step })
    if (!this.#lastSteps.has(group)) this.#lastSteps.set(group, this.#step)
  }

  /** Finished or cancelled; harmless for an id that is gone already. */
  remove(id: Id): void {
    const group = this.#sequences.get(id)?.group
    this.#sequences.delete(id)
    if (group === undefined) return
    for (const each of this.#sequences.values()) if (each.group === group) return
    this.#lastSteps.delete(group)
  }

  /** What to compute next. Nothing changes until `commit`: a step that failed can be planned again. */
  plan(): StepPlan<Id> {
    const group = nextGroup(this.#lastSteps, this.#turn, this.#limits.stepsPerTurn)
    if (group === undefined) return { group: '', decodes: [], prefills: [] }
    return planStep(group, [...this.#sequences.values()], this.#limits)
  }

  /** `plan` was computed. Returns the prefill chunks that finished their prompt: their sequences decode from now on. */
  commit(plan: StepPlan<Id>): readonly PrefillChunk<Id>[] {
    this.#step += 1
    const { group } = plan
    this.#turn = { group, steps: group === this.#turn.group ? this.#turn.steps + 1 : 1 }
    if (this.#lastSteps.has(group)) this.#lastSteps.set(group, this.#step)
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
