/**
 * Plans the inputs of one pass for models with one encoder per kind of input, such as text and image. A pass has a single kind.
 * Requests take turns, one input each, so that a request of a thousand inputs does not delay one with a single input; among
 * those whose turn it is, inputs of similar length are grouped. Pure; needs no model and no clock.
 */

import { type BatchLimits, planBatch } from './plan-batch.ts'

export interface KindInput {
  readonly kind: string
  /** Length that counts for padding; 1 where nothing is padded. */
  readonly tokens: number
  /** Passes that skipped it because of its length. */
  readonly passedOver: number
}

export interface KindRequest<Id, Input extends KindInput> {
  readonly id: Id
  /** Remaining inputs that are ready, in order. */
  readonly inputs: readonly Input[]
}

export type KindLimits = Pick<
  BatchLimits,
  'maxBatchSize' | 'maxBatchTokens' | 'maxPaddingShare' | 'maxPassedOver'
>

export interface KindPass<Id, Input extends KindInput> {
  readonly kind: string
  readonly parts: readonly { readonly id: Id; readonly input: Input }[]
  /** Inputs that were next in order but are skipped for their length. */
  readonly passedOver: readonly Input[]
}

/** Lengths are compared among this many passes' worth of inputs, so the cost of a plan does not grow with the queue. */
const passesCompared = 8

/**
 * `requests` are in turn order; a served request moves to the end. The first input of the first request is always included and
 * determines the kind of the pass, so no kind and no request starves. Undefined if nothing is ready.
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

/** Up to the given number of inputs of a kind, one per request in turn. */
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
