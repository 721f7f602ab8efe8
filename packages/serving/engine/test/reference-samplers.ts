/**
 * A reference implementation of llama.cpp's samplers, from `llama-sampler.cpp`: the probability of each token that can still be
 * chosen.
 */

import { type SamplerName, type SamplingParams, samplingDefaults } from '@hadal/engine'

interface Candidate {
  readonly token: number
  readonly logit: number
}

const order: readonly SamplerName[] = [
  'penalties',
  'dry',
  'top_n_sigma',
  'top_k',
  'typ_p',
  'top_p',
  'min_p',
  'xtc',
  'temperature',
]

/** If a bound is as close to a value as the precision of 32-bit floats, either side is correct. */
class Close extends Error {}
const margin = 1e-4
const isLess = (a: number, b: number): boolean => {
  if (a === Number.NEGATIVE_INFINITY) return b > a
  if (Math.abs(a - b) < margin * Math.max(1, Math.abs(a), Math.abs(b)) && a !== b) throw new Close()
  return a < b
}

/** `close` if the result is undetermined. `said`: the prompt. */
export function leftBySamplers(
  logits: readonly number[],
  said: readonly number[],
  params: SamplingParams,
): ReadonlyMap<number, number> | 'close' {
  const sampling = { ...samplingDefaults, ...params }
  let left: Candidate[] = logits.map((logit, token) => ({ token, logit }))
  try {
    for (const name of params.samplers ?? order) left = samplers[name](left, sampling, said)
    return new Map(softmax(left).flatMap(({ token, p }) => (p > 0 ? [[token, p] as const] : [])))
  } catch (thrown) {
    if (thrown instanceof Close) return 'close'
    throw thrown
  }
}

type Whole = { readonly [Name in keyof typeof samplingDefaults]: number }

const samplers: Record<
  SamplerName,
  (left: Candidate[], sampling: Whole, said: readonly number[]) => Candidate[]
> = {
  penalties: (left, { penaltyWindow, repeatPenalty, presencePenalty, frequencyPenalty }, said) => {
    const window = penaltyWindow < 0 ? said : penaltyWindow === 0 ? [] : said.slice(-penaltyWindow)
    return left.map(({ token, logit }) => {
      const count = window.filter((each) => each === token).length
      if (count === 0) return { token, logit }
      const repeated = logit <= 0 ? logit * repeatPenalty : logit / repeatPenalty
      return { token, logit: repeated - count * frequencyPenalty - presencePenalty }
    })
  },
  dry: (left) => left,
  top_n_sigma: (left, { topNSigma }) => {
    if (topNSigma <= 0 || left.length <= 1) return left
    const mean = left.reduce((sum, { logit }) => sum + logit, 0) / left.length
    const variance = left.reduce((sum, { logit }) => sum + (logit - mean) ** 2, 0) / left.length
    const bound = Math.max(...left.map(({ logit }) => logit)) - topNSigma * Math.sqrt(variance)
    // They remain candidates, and their number matters to other samplers.
    return left.map(({ token, logit }) => ({
      token,
      logit: isLess(logit, bound) ? Number.NEGATIVE_INFINITY : logit,
    }))
  },
  top_k: (left, { topK }) => (topK <= 0 ? left : sorted(left).slice(0, topK)),
  typ_p: (left, { typicalP, minKeep }) => {
    if (typicalP >= 1) return left
    const all = softmax(left).filter(({ p }) => p > 1e-30)
    const entropy = all.reduce((sum, { p }) => sum - p * Math.log(p), 0)
    const ranked = all
      .map((each) => ({ ...each, score: Math.abs(-Math.log(each.p) - entropy) }))
      .sort((a, b) => a.score - b.score)
    for (const [at, { score }] of ranked.entries())
      if (at > 0 && Math.abs(score - ranked[at - 1]!.score) < margin) throw new Close()
    return upTo(
      ranked,
      (cumulated, at) => isLess(typicalP, cumulated) && (minKeep === 0 || at >= minKeep - 1),
    )
  },
  top_p: (left, { topP, minKeep }) =>
    topP >= 1 ? left : upTo(sorted(softmax(left)), (sum, at) => !isLess(sum, topP) && at + 1 >= minKeep),
  min_p: (left, { minP, minKeep }) => {
    if (minP <= 0) return left
    const all = sorted(left)
    const bound = all[0]!.logit + Math.log(minP)
    const count = all.filter(({ logit }, at) => at === 0 || !isLess(logit, bound)).length
    return all.slice(0, Math.max(count, minKeep))
  },
  xtc: (left, { xtcProbability, xtcThreshold, minKeep }) => {
    if (xtcProbability === 0 || xtcThreshold > 0.5 || left.length < 2) return left
    const all = sorted(softmax(left))
    const above = all.filter(({ p }) => !isLess(p, xtcThreshold)).length
    const dropped = Math.max(0, above - 1)
    return all.length - dropped >= minKeep ? all.slice(dropped) : all
  },
  temperature: (left, { temperature, dynamicTemperatureRange, dynamicTemperatureExponent }) => {
    let divisor: number = temperature
    if (dynamicTemperatureRange > 0) {
      if (left.length <= 1) return left
      const entropy = softmax(left).reduce((sum, { p }) => sum - (p > 0 ? p * Math.log(p) : 0), 0)
      // A dynamic temperature has this minimum.
      const least = Math.max(0.001, temperature - dynamicTemperatureRange)
      const most = temperature + dynamicTemperatureRange
      divisor = least + (most - least) * (entropy / Math.log(left.length)) ** dynamicTemperatureExponent
      // Practically greedy.
      if (divisor < 0.05) throw new Close()
    }
    if (divisor === 0) return sorted(left).slice(0, 1)
    return left.map(({ token, logit }) => ({ token, logit: logit / divisor }))
  },
}

function sorted<Each extends Candidate>(left: readonly Each[]): Each[] {
  const all = [...left].sort((a, b) => b.logit - a.logit)
  // Equal values may come in any order; only irrelevant ones are equal here.
  for (const [at, { logit }] of all.slice(0, 9).entries())
    if (at > 0 && logit > 50 && all[at - 1]!.logit - logit < margin) throw new Close()
  return all
}

function softmax(left: readonly Candidate[]): (Candidate & { readonly p: number })[] {
  const most = Math.max(...left.map(({ logit }) => logit))
  const sum = left.reduce((total, { logit }) => total + Math.exp(logit - most), 0)
  return left.map(({ token, logit }) => ({ token, logit, p: Math.exp(logit - most) / sum }))
}

/** Up to and including the first at which the cumulative probability suffices. */
function upTo(
  ranked: readonly (Candidate & { readonly p: number })[],
  isEnough: (sum: number, at: number) => boolean,
): Candidate[] {
  let sum = 0
  for (const [at, { p }] of ranked.entries()) {
    sum += p
    if (isEnough(sum, at)) return ranked.slice(0, at + 1)
  }
  return [...ranked]
}
