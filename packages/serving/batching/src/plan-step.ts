/**
 * Decides what one engine step computes: every decoding sequence gets its next token, then what is left of the token
 * budget goes to prompts, in chunks shared so that a long prompt never starves a short one. Sequences of different groups
 * are never computed together; groups take turns. Pure; knows nothing of models, memory or clocks.
 */

export interface StepLimits {
  /** Tokens one step may compute at most; at least as many as there are sequences. */
  readonly maxBatchTokens: number
  /** Prompt tokens a step may compute while other sequences decode, of any group: the bound on how long they wait for it. */
  readonly maxPrefillTokensBesideDecodes: number
  /** A chunk is never smaller, unless the prompt ends or the budget does: small chunks waste the hardware. */
  readonly minPrefillChunk: number
  /** Steps in a row for one group while another waits: changing the group costs the engine something. */
  readonly stepsPerTurn: number
}

/** A sequence as the planner sees it. */
export interface SequenceState<Id> {
  readonly id: Id
  /** Only sequences of one group can be computed together. */
  readonly group: string
  /** Prompt tokens not yet computed; 0 means it decodes. */
  readonly promptTokensLeft: number
  /** The step that last computed prompt tokens of it; before any did, the step it was admitted in. */
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

/** Whose turn it is. */
export interface Turn {
  readonly group: string
  /** Steps in a row so far. */
  readonly steps: number
}

/**
 * The group of the next step: the one at work, until its turn is over and another waits; then the one whose last step is
 * longest ago. `lastSteps` tells when each group was last computed; one that never was waits since its first admission.
 * So with `groups` of them, each is computed at least once in `1 + (groups - 1) * stepsPerTurn` steps.
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
 * What to compute of `group`; `sequences` are those of all groups, in the order they were admitted. Prompts take turns: those
 * that waited longest since their last chunk come first, as many as can get a chunk worth computing; these share the budget
 * equally, and what a short one leaves goes to the others. So each prompt progresses at least once in
 * `ceil(prompts / max(1, floor(budget / minPrefillChunk)))` of its group's steps.
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
 *   { maxBatchTokens: 512, maxPrefillTokensBesideDecodes: 128, minPrefillChunk: 32, stepsPerTurn: 4 },
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
  const bounded = someDecode ? Math.min(free, limits.maxPrefillTokensBesideDecodes) : free
  // A step computes something.
  const budget = decodes.length === 0 ? Math.max(1, bounded) : bounded
  const turns = prompts
    .sort((a, b) => a.lastPrefillStep - b.lastPrefillStep)
    .slice(0, Math.max(1, Math.floor(budget / limits.minPrefillChunk)))
  return { group, decodes, prefills: shareEqually(turns, budget) }
}

/**
 * Equal shares; what a prompt shorter than its share leaves is shared among the rest. No share leaves a single token for
 * later if it can be helped: engines compute one row alone in other ways than several, with other rounding.
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

/** Tokens that those of a step look back at, all together; `lengthOf` says how many each sequence holds before it. @internal */
export function attendedTokens<Id>(
  { decodes, prefills }: Pick<StepPlan<Id>, 'decodes' | 'prefills'>,
  lengthOf: (id: Id) => number,
): number {
  let sum = 0
  for (const id of decodes) sum += lengthOf(id)
  for (const { id, tokens } of prefills) sum += tokens * (lengthOf(id) + tokens / 2)
  return sum
}
