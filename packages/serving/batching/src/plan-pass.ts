/**
 * Decides which inputs of which requests one pass of an embedding or reranking model computes. Requests take turns, one
 * input each, so that a request of a thousand inputs delays nobody who brings one. Pure; knows no model and no clock.
 */

export interface PassRequest<Id> {
  readonly id: Id
  /** Tokens left to compute of each input to come, in order. */
  readonly inputs: readonly number[]
  /** Passes before have computed a part of the first. */
  readonly begun: boolean
}

export interface PassLimits {
  readonly maxTokens: number
  readonly maxSequences: number
  /** Models that read both ways compute an input in one pass or not at all. */
  readonly whole: boolean
}

export interface PassPart<Id> {
  readonly id: Id
  /** Counted from the first input to come. */
  readonly input: number
  readonly tokens: number
}

/**
 * `requests` in the order of their turns; whoever is served goes to the end of it. At most one input is long: it does not
 * fit into a pass, so it is computed part by part, in what the others leave, but in half of each pass at least. While it
 * is, the next long one waits. Where inputs are whole, the first of all is computed however long it is.
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
      // One that does not fit keeps the later ones of its request waiting: its answer needs them all anyway.
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
