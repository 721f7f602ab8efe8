/** Log-probabilities of the chosen and the most likely tokens, from a row of logits or from what the samplers left of it. */

export interface Logprobs {
  readonly chosen: number
  /** Best first. */
  readonly top: readonly (readonly [token: number, logprob: number])[]
}

/** From the model's own distribution, before any sampler. */
export function logprobsOf(logits: Float32Array, chosen: number, count: number): Logprobs {
  const logTotal = logSumOfExponentials(logits)
  return {
    chosen: logits[chosen]! - logTotal,
    top: likeliest(logits, count).map((token) => [token, logits[token]! - logTotal] as const),
  }
}

/** Among the tokens that can still be chosen, which may be fewer than `count`. */
export function logprobsAmong(
  left: readonly (readonly [token: number, logit: number])[],
  chosen: number,
  count: number,
): Logprobs {
  const given = Float32Array.from(left, ([, logit]) => logit)
  // Samplers may leave only tokens that others had ruled out: these are then equally likely.
  const logits = given.every((logit) => logit === Number.NEGATIVE_INFINITY) ? given.fill(0) : given
  const at = left.findIndex(([token]) => token === chosen)
  const logprobs = logprobsOf(logits, at, count)
  return { ...logprobs, top: logprobs.top.map(([index, logprob]) => [left[index]![0], logprob] as const) }
}

function logSumOfExponentials(logits: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY
  for (const logit of logits) if (logit > max) max = logit
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - max)
  return max + Math.log(sum)
}

/** Indexes of the `count` largest values, largest first; the lower index first among equals. */
function likeliest(logits: Float32Array, count: number): number[] {
  const best: number[] = []
  const most = Math.min(count, logits.length)
  if (most === 0) return best
  for (let token = 0; token < logits.length; token += 1) {
    const logit = logits[token]!
    if (best.length === most && logit <= logits[best[most - 1]!]!) continue
    let at = best.length
    while (at > 0 && logits[best[at - 1]!]! < logit) at -= 1
    best.splice(at, 0, token)
    if (best.length > most) best.pop()
  }
  return best
}
