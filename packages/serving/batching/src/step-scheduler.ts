/**
 * The running sequences of an engine and the tokens that each step computes. Holds the state for `planStep`; deterministic for
 * the same order of calls. Needs no model, memory or clock.
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

export interface SchedulerLimits extends StepLimits {
  readonly maxBatchSize: number
}

/**
 * Tracks the sequences of an engine and plans each step with `planStep`: decodes first, then prompts share the rest.
 *
 * @example
 * ```ts
 * import { StepScheduler } from '@hadal/batching'
 *
 * const scheduler = new StepScheduler<string>({
 *   maxBatchSize: 8,
 *   maxBatchTokens: 512,
 *   maxPrefillTokensWhileDecoding: 128,
 *   minPrefillChunk: 32,
 *   stepsPerTurn: 4,
 * })
 * scheduler.admit('chat', 1_000) // the tokens of its prompt
 * const plan = scheduler.plan()
 * plan.prefills // → [ { id: 'chat', tokens: 512 } ]
 * scheduler.commit(plan) // once the engine has computed it
 * ```
 */
export class StepScheduler<Id> {
  #limits: SchedulerLimits
  /** In order of admission. */
  readonly #sequences = new Map<Id, SequenceState<Id>>()
  /** The last step of each active group; before its first step, the step of its first admission. */
  readonly #lastSteps = new Map<string, number>()
  #turn: Turn = { group: '', steps: 0 }
  #step = 0

  constructor(limits: SchedulerLimits) {
    check(limits)
    this.#limits = limits
  }

  get limits(): SchedulerLimits {
    return this.#limits
  }

  /** Applies from the next plan on. Admitted sequences stay, even if they exceed the new `maxBatchSize`. */
  limit(changed: Partial<SchedulerLimits>): void {
    const limits = { ...this.#limits, ...changed }
    check(limits)
    if (limits.maxBatchTokens < this.size)
      throw new RangeError(`maxBatchTokens ${limits.maxBatchTokens} is less than the ${this.size} at work`)
    this.#limits = limits
  }

  get size(): number {
    return this.#sequences.size
  }

  hasRoom(): boolean {
    return this.#sequences.size < this.#limits.maxBatchSize
  }

  /**
   * `promptTokens` still to be computed: at least 1, the last one, whose logits give the first new token. Sequences of
   * different groups are never in one plan.
   */
  admit(id: Id, promptTokens: number, group = ''): void {
    if (!this.hasRoom()) throw new RangeError(`all ${this.#limits.maxBatchSize} places are taken`)
    if (this.#sequences.has(id)) throw new RangeError(`${String(id)} is admitted already`)
    if (promptTokens < 1) throw new RangeError('a sequence needs at least one prompt token to compute')
    this.#sequences.set(id, { id, group, promptTokensLeft: promptTokens, lastPrefillStep: this.#step })
    if (!this.#lastSteps.has(group)) this.#lastSteps.set(group, this.#step)
  }

  /** Removes a finished or cancelled sequence; unknown ids are ignored. */
  remove(id: Id): void {
    const group = this.#sequences.get(id)?.group
    this.#sequences.delete(id)
    if (group === undefined) return
    for (const each of this.#sequences.values()) if (each.group === group) return
    this.#lastSteps.delete(group)
  }

  /**
   * Plans the next step. Nothing changes until `commit`, so a failed step can be planned again. `maxWhileDecoding` can lower
   * the limit of prompt tokens alongside decodes; 0 makes prompts wait.
   */
  plan(maxWhileDecoding: number = Number.POSITIVE_INFINITY): StepPlan<Id> {
    const group = nextGroup(this.#lastSteps, this.#turn, this.#limits.stepsPerTurn)
    if (group === undefined) return { group: '', decodes: [], prefills: [] }
    const { maxPrefillTokensWhileDecoding } = this.#limits
    if (maxWhileDecoding >= maxPrefillTokensWhileDecoding)
      return planStep(group, this.#sequences.values(), this.#limits)
    const limits = { ...this.#limits, maxPrefillTokensWhileDecoding: maxWhileDecoding }
    return planStep(group, this.#sequences.values(), limits)
  }

  /**
   * Records that `plan` was computed. Returns the prefill chunks that completed their prompt: their sequences decode from now
   * on.
   */
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

function check({ maxBatchTokens, maxBatchSize, ...others }: SchedulerLimits): void {
  if (maxBatchTokens < maxBatchSize)
    throw new RangeError(`maxBatchTokens ${maxBatchTokens} is less than maxBatchSize ${maxBatchSize}`)
  const { maxPrefillTokensWhileDecoding, minPrefillChunk, stepsPerTurn } = others
  if (Math.min(maxBatchSize, maxPrefillTokensWhileDecoding, minPrefillChunk, stepsPerTurn) < 1)
    throw new RangeError('limits must be at least 1')
}
