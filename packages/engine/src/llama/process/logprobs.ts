/** Log-probabilities from a row of logits: of one token, and of the likeliest. Of the model's own distribution, before any sampler. */

export interface Logprobs {
  readonly chosen: number
  /** Best first. */
  readonly top: readonly (readonly [token: number, logprob: number])[]
}

export function logprobsOf(logits: Float32Array, chosen: number, count: number): Logprobs {
  let max = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > max) max = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - max)
  const logTotal = max + Math.log(sum)
  const top = likeliest(logits, count)
  return {
    chosen: logits[chosen]! - logTotal,
    top: top.map((token) => [token, logits[token]! - logTotal] as const),
  }
}

/** Indexes of the `count` largest values, largest first; of equal ones the lower index first. */
function likeliest(logits: Float32Array, count: number): number[] {
  const best: number[] = []
  if (count === 0) return best
  for (let token = 0; token < logits.length; token += 1) {
    const logit = logits[token]!
    if (best.length === count && logit <= logits[best[count - 1]!]!) continue
    let at = best.length
    while (at > 0 && logits[best[at - 1]!]! < logit) at -= 1
    best.splice(at, 0, token)
    if (best.length > count) best.pop()
  }
  return best
}
