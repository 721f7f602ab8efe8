/**
 * Decides which inputs of which requests one pass of a model computes that has a tower for each kind of input, such as texts
 * and images: a pass is of one kind. Requests take turns, one input each, so that one of a thousand inputs delays nobody who
 * brings one, and among those whose turn it is, inputs of like lengths go together. Pure; knows no model and no clock.
 */

import { type BatchLimits, planBatch } from './plan-batch.ts'

export interface KindInput {
  readonly kind: string
  /** As long as it counts for padding; 1 where nothing is padded. */
  readonly tokens: number
  /** Passes that left it behind because of its length. */
  readonly passedOver: number
}

export interface KindRequest<Id, Input extends KindInput> {
  readonly id: Id
  /** Left to compute, and ready for it, in order. */
  readonly inputs: readonly Input[]
}

export type KindLimits = Pick<
  BatchLimits,
  'maxBatchSize' | 'maxBatchTokens' | 'maxPaddingShare' | 'maxPassedOver'
>

export interface KindPass<Id, Input extends KindInput> {
  readonly kind: string
  readonly parts: readonly { readonly id: Id; readonly input: Input }[]
  /** Whose turn it was, and who stays behind for its length. */
  readonly passedOver: readonly Input[]
}

/** Passes' worth of inputs among which lengths are compared: what a plan costs does not grow with the line. */
const passesCompared = 8

/**
 * `requests` in the order of their turns; whoever is served goes to the end of it. The first input of the first request always
 * goes, and says of which kind the pass is: so no kind, and nobody, waits for ever. Undefined where nothing is ready.
 *
 * @example
 * ```ts
 * import { planKindPass } from '@hadal/batching'
 *
 * const pass = planKindPass(
 *   [
 *     { id: 1, inputs: [{ kind: 'text', tokens: 12, passedOver: 0 }] },
 *     { id: 2, inputs: [{ kind: 'image', tokens: 1, passedOver: 0 }] },
 *     { id: 3, inputs: [{ kind: 'text', tokens: 14, passedOver: 0 }] },
 *   ],
 *   { maxBatchSize: 8, maxBatchTokens: 512, maxPaddingShare: 1, maxPassedOver: 3 },
 * )
 * pass?.parts.map(({ id }) => id) // → [ 1, 3 ]
 * ```
 */
export function planKindPass<Id, Input extends KindInput>(
  requests: readonly KindRequest<Id, Input>[],
  limits: KindLimits,
): KindPass<Id, Input> | undefined {
  const kind = requests.find(({ inputs }) => inputs.length > 0)?.inputs[0]?.kind
  if (kind === undefined) return undefined
  const waiting = inTurns(requests, kind, limits.maxBatchSize * passesCompared)
  const candidates = waiting.map((part) => {
    const { tokens, passedOver } = part.input
    return { part, level: 1, arrivedAt: 0, tokens, passedOver }
  })
  const plan = planBatch(candidates, { ...limits, timeoutMicros: 0, preferredBatchSizes: [] })
  return {
    kind,
    parts: plan.batch.map(({ part }) => part),
    passedOver: plan.passedOver.map(({ part }) => part.input),
  }
}

/** The inputs of a kind, one of each request in turn; at most so many. */
function inTurns<Id, Input extends KindInput>(
  requests: readonly KindRequest<Id, Input>[],
  kind: string,
  most: number,
): { readonly id: Id; readonly input: Input }[] {
  const parts: { readonly id: Id; readonly input: Input }[] = []
  let open = requests.map(({ id, inputs }) => ({
    id,
    inputs: inputs.filter((input) => input.kind === kind).slice(0, most),
  }))
  for (let turn = 0; open.length > 0; turn += 1) {
    open = open.filter(({ inputs }) => inputs.length > turn)
    for (const { id, inputs } of open) {
      if (parts.length === most) return parts
      parts.push({ id, input: inputs[turn]! })
    }
  }
  return parts
}
