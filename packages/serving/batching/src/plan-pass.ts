/**
 * Plans which inputs of which requests one pass of an embedding or reranking model computes. Requests take turns, one input
 * each, so that a request of a thousand inputs does not delay one with a single input. Pure; needs no model and no clock.
 */

export interface PassRequest<Id> {
  readonly id: Id
  /** Uncomputed tokens of each remaining input, in order. */
  readonly inputs: readonly number[]
  /** Whether earlier passes computed a part of the first input. */
  readonly begun: boolean
}

export interface PassLimits {
  readonly maxTokens: number
  readonly maxSequences: number
  /** Bidirectional models compute an input entirely in one pass. */
  readonly whole: boolean
}

export interface PassPart<Id> {
  readonly id: Id
  /** Index from the first remaining input. */
  readonly input: number
  readonly tokens: number
}

/**
 * `requests` are in turn order; a served request moves to the end. At most one input is long, that is, does not fit into a
 * pass: it is computed in parts from what the others leave, but with at least half of each pass. The next long input waits
 * meanwhile. Where inputs must be whole, the first one is computed regardless of its length.
 *
 * @example
 * ```ts
 * import { planPass } from '@hadal/batching'
 *
 * planPass(
 *   [
 *     { id: 'many', inputs: [100, 100, 100], begun: false }, // tokens of each text
 *     { id: 'one', inputs: [50], begun: false },
 *   ],
 *   { maxTokens: 200, maxSequences: 8, whole: true },
 * ) // → [ { id: 'many', input: 0, tokens: 100 }, { id: 'one', input: 0, tokens: 50 } ]
 * ```
 */
export function planPass<Id>(requests: readonly PassRequest<Id>[], limits: PassLimits): PassPart<Id>[] {
  const { maxTokens, maxSequences, whole } = limits
  const waiting = requests.filter((request) => request.inputs.length > 0)
  const long = whole
    ? undefined
    : (waiting.find((request) => request.begun) ??
      waiting.slice(0, 1).find((first) => first.inputs[0]! > maxTokens))
  const share = long === undefined ? 0 : Math.min(long.inputs[0]!, Math.ceil(maxTokens / 2))

  const parts: PassPart<Id>[] = []
  let left = maxTokens - share
  const places = maxSequences - (long === undefined ? 0 : 1)
  let open = waiting.filter((request) => request !== long)
  for (let input = 0; open.length > 0 && parts.length < places; input += 1) {
    const next: PassRequest<Id>[] = []
    for (const request of open) {
      if (parts.length === places) break
      const tokens = request.inputs[input]
      if (tokens === undefined) continue
      const firstOfAll = whole && parts.length === 0
      // An input that does not fit holds back the later ones of its request: its response needs all of them anyway.
      if (tokens > left && !firstOfAll) continue
      parts.push({ id: request.id, input, tokens })
      left -= tokens
      next.push(request)
    }
    open = next
  }
  if (long === undefined) return parts
  return [{ id: long.id, input: 0, tokens: Math.min(long.inputs[0]!, left + share) }, ...parts]
}
