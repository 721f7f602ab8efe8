/**
 * Plans one engine step: every decoding sequence gets its next token, then the remaining token budget goes to prompts in
 * chunks, shared so that a long prompt never starves a short one. Sequences of different groups are never computed together;
 * groups take turns. Pure; needs no model, memory or clock.
 */

export interface StepLimits {
  /** Maximum tokens per step; at least the number of sequences. */
  readonly maxBatchTokens: number
  /** Maximum prompt tokens per step while any sequence decodes: this bounds the inter-token latency. */
  readonly maxPrefillTokensWhileDecoding: number
  /** Minimum chunk size, unless the prompt or the budget ends: small chunks waste the hardware. */
  readonly minPrefillChunk: number
  /** Consecutive steps for one group while another waits: switching groups has a cost for the engine. */
  readonly stepsPerTurn: number
}

/** A sequence as the planner sees it. */
export interface SequenceState<Id> {
  readonly id: Id
  /** Only sequences of one group can be computed together. */
  readonly group: string
  /** Uncomputed prompt tokens; 0 means it decodes. */
  readonly promptTokensLeft: number
  /** The step that last computed its prompt tokens; before the first, the step of its admission. */
  readonly lastPrefillStep: number
}

export interface StepPlan<Id> {
  readonly group: string
  /** One token each. */
  readonly decodes: readonly Id[]
  readonly prefills: readonly PrefillChunk<Id>[]
}

export interface PrefillChunk<Id> {
  readonly id: Id
  readonly tokens: number
}

/** The group whose turn it is. */
export interface Turn {
  readonly group: string
  /** Consecutive steps so far. */
  readonly steps: number
}

/**
 * The group of the next step: the current one until its turn is over and another waits; then the least recently computed one.
 * `lastSteps` holds each group's last step, or that of its first admission. So each of `groups` groups is computed at least
 * once in `1 + (groups - 1) * stepsPerTurn` steps.
 */
export function nextGroup(
  lastSteps: ReadonlyMap<string, number>,
  turn: Turn,
  stepsPerTurn: number,
): string | undefined {
  if (lastSteps.has(turn.group) && (turn.steps < stepsPerTurn || lastSteps.size === 1)) return turn.group
  let next: string | undefined
  for (const [group, step] of lastSteps)
    if (group !== turn.group && (next === undefined || step < lastSteps.get(next)!)) next = group
  return next
}

/**
 * Plans the work for `group`; `sequences` are those of all groups in order of admission. Prompts take turns: the ones whose
 * last chunk is longest ago come first, up to the number that get a useful chunk. They share the budget equally, and what a
 * short one leaves goes to the others. So each prompt progresses at least once in `ceil(prompts / max(1, floor(budget /
 * minPrefillChunk)))` of its group's steps.
 *
 * @example
 * ```ts
 * import { planStep } from '@hadal/batching'
 *
 * planStep(
 *   'base',
 *   [
 *     { id: 'answering', group: 'base', promptTokensLeft: 0, lastPrefillStep: 0 },
 *     { id: 'reading', group: 'base', promptTokensLeft: 900, lastPrefillStep: 0 },
 *   ],
 *   { maxBatchTokens: 512, maxPrefillTokensWhileDecoding: 128, minPrefillChunk: 32, stepsPerTurn: 4 },
 * ) // → { group: 'base', decodes: [ 'answering' ], prefills: [ { id: 'reading', tokens: 128 } ] }
 * ```
 */
export function planStep<Id>(
  group: string,
  sequences: Iterable<SequenceState<Id>>,
  limits: StepLimits,
): StepPlan<Id> {
  const decodes: Id[] = []
  const prompts: SequenceState<Id>[] = []
  let someDecode = false
  for (const each of sequences) {
    const decoding = each.promptTokensLeft === 0
    someDecode ||= decoding
    if (each.group !== group) continue
    if (decoding) decodes.push(each.id)
    else prompts.push(each)
  }
  if (prompts.length === 0) return { group, decodes, prefills: [] }
  const free = limits.maxBatchTokens - decodes.length
  const bounded = someDecode ? Math.min(free, limits.maxPrefillTokensWhileDecoding) : free
  // A step must compute something.
  const budget = decodes.length === 0 ? Math.max(1, bounded) : bounded
  const turns = prompts
    .sort((a, b) => a.lastPrefillStep - b.lastPrefillStep)
    .slice(0, Math.max(1, Math.floor(budget / limits.minPrefillChunk)))
  return { group, decodes, prefills: shareEqually(turns, budget) }
}

/**
 * Equal shares; what a prompt shorter than its share leaves is split among the rest. Avoids leaving a single token for later:
 * engines use other kernels for a single row than for several, with different rounding.
 */
function shareEqually<Id>(turns: readonly SequenceState<Id>[], budget: number): PrefillChunk<Id>[] {
  const chunks = new Map<Id, number>()
  let left = budget
  const byLength = [...turns].sort((a, b) => a.promptTokensLeft - b.promptTokensLeft)
  for (const [served, { id, promptTokensLeft }] of byLength.entries()) {
    const share = Math.floor(left / (byLength.length - served))
    const whole = Math.min(promptTokensLeft, share)
    const tokens = promptTokensLeft - whole === 1 && whole > 2 ? whole - 1 : whole
    chunks.set(id, tokens)
    left -= tokens
  }
  return turns.map(({ id }) => ({ id, tokens: chunks.get(id)! })).filter((chunk) => chunk.tokens > 0)
}

/** @internal */
export const prefillTokensOf = ({ prefills }: Pick<StepPlan<unknown>, 'prefills'>): number =>
  prefills.reduce((sum, { tokens }) => sum + tokens, 0)

/**
 * Total context tokens that the rows of a step attend to; `lengthOf` returns how many each sequence already holds. @internal
 */
export function attendedTokens<Id>(
  { decodes, prefills }: Pick<StepPlan<Id>, 'decodes' | 'prefills'>,
  lengthOf: (id: Id) => number,
): number {
  let sum = 0
  for (const id of decodes) sum += lengthOf(id)
  for (const { id, tokens } of prefills) sum += tokens * (lengthOf(id) + tokens / 2)
  return sum
}
