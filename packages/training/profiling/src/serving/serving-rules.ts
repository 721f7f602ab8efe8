/** The rules of `servingAdvice`, one function each: takes a model's facts, returns a recommendation or nothing. Pure. */

import type { ServingFacts } from './serving-facts.ts'
import { decimal, millis, percent } from './serving-words.ts'

/** One thing that is worth changing. */
export interface ServingAdvice {
  /** Its name, which stays. */
  readonly rule: string
  /** How much it concerns: 0 to 1. */
  readonly share: number
  readonly sentence: string
  readonly cause: string
  /** What to do, with the settings to do it with. */
  readonly change: string
}

export interface ServingThresholds {
  /** Share of step time outside native code. */
  readonly outside: number
  /** Share of the time from the first step to the last that lies between consecutive steps. */
  readonly between: number
  /** Share of step time with queued requests. */
  readonly waiting: number
  /** Share of the time to first token spent in the queue. */
  readonly queue: number
  /** Minimum ratio of the time of steps with prefill to steps without. */
  readonly stall: number
  /** Share of step time spent on prefill. */
  readonly prefill: number
  /** Preemptions per step. */
  readonly preemptions: number
  /** Share of draft tokens that were accepted. */
  readonly accepted: number
  /** Share of compute time spent on passes alongside generation. */
  readonly passes: number
  /** Share of the total time in steps with few tokens. */
  readonly alone: number
}

export type ServingRule = (facts: ServingFacts, thresholds: ServingThresholds) => ServingAdvice | undefined

/** Fewer say nothing. */
const minSteps = 20
const minRequests = 5
const minDrafts = 100

const outsideNative: ServingRule = ({ steps }, { outside }) => {
  const { measuredMicros, nativeMicros, outsideMicros, count } = steps
  const share = 1 - nativeMicros / Math.max(1, measuredMicros)
  if (count < minSteps || measuredMicros === 0 || share < outside) return undefined
  const parts = Object.entries(outsideMicros).sort(([, a], [, b]) => b - a)
  const said = parts.map(([name, micros]) => `${name} ${percent(micros / measuredMicros)}`).join(', ')
  const most = parts[0]![0]
  return {
    rule: 'outside-native',
    share,
    sentence: `${percent(share)} of step time is outside native code: ${said}`,
    cause:
      causesOutside.get(most) ?? 'This cost occurs once per step, regardless of the number of sequences.',
    change: changesOutside.get(most) ?? 'Raise maxBatchSize so that more concurrent requests share a step.',
  }
}

const causesOutside: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sample:
      'Tokens are sampled sequentially on one thread; grammars, penalties and log-probabilities take longest. On a GPU, this includes the wait for its results.',
    texts: 'Stop strings are searched and log-probabilities written for each token.',
    plan: 'Draft tokens are computed while steps are planned.',
  }),
)

const changesOutside: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sample: 'Lower topK, and request log-probabilities and grammars only if they are used.',
    texts: 'Request fewer stop strings and log-probabilities.',
    plan: 'Set speculation to off or lower draftTokens if few draft tokens are accepted.',
  }),
)

const betweenSteps: ServingRule = ({ steps, passes }, { between }) => {
  const { betweenMicros, micros, count } = steps
  const share = betweenMicros / Math.max(1, betweenMicros + micros + passes.micros)
  if (count < minSteps || share < between) return undefined
  return {
    rule: 'between-steps',
    share,
    sentence: `${percent(share)} of the time is between steps although sequences were running: ${millis(betweenMicros / count)} per step`,
    cause:
      'The engine sends results and reads messages there. This is slower if the server process has no free core.',
    change: 'Set threads to one less than the number of cores.',
  }
}

const fullBatches: ServingRule = ({ steps }, { waiting }) => {
  const { whileWaiting, maxBatchSize, micros, count } = steps
  const { meanRunning, meanWaiting, kvCacheUsage } = whileWaiting
  const share = whileWaiting.micros / Math.max(1, micros)
  if (count < minSteps || share < waiting) return undefined
  const sentence = `batches average ${decimal(meanRunning)} sequences while ${decimal(meanWaiting)} requests were queued, for ${percent(share)} of step time`
  if (meanRunning >= 0.9 * maxBatchSize)
    return {
      rule: 'batch-full',
      share,
      sentence,
      cause: `All ${maxBatchSize} slots are in use.`,
      change: `Raise maxBatchSize above ${maxBatchSize}.`,
    }
  if (kvCacheUsage >= 0.85)
    return {
      rule: 'cells-full',
      share,
      sentence,
      cause: `The KV cache is ${percent(kvCacheUsage)} full, so slots stay empty.`,
      change: 'Raise kvCacheBytes, or lower contextLength or maxTokens.',
    }
  return {
    rule: 'held-back',
    share,
    sentence,
    cause: 'Slots and KV cells were free: requests are held to form a batch, or wait for an embedding pass.',
    change: 'Lower timeoutMicros; raise maxBatchTokens if texts to embed are queued.',
  }
}

const queueShare: ServingRule = ({ requests }, { queue }) => {
  const { answered, meanQueueMillis, meanFirstTokenMillis } = requests
  const share = meanQueueMillis / Math.max(1, meanFirstTokenMillis)
  if (answered < minRequests || share < queue) return undefined
  return {
    rule: 'queue',
    share,
    sentence: `queue time is ${percent(share)} of the time to first token: ${millis(meanQueueMillis * 1000)} of ${millis(meanFirstTokenMillis * 1000)}`,
    cause: 'Requests arrive faster than they are completed.',
    change:
      'Raise maxBatchSize if memory allows, set sloTtftMillis to reject requests that would be late, or run more replicas.',
  }
}

const stalls: ServingRule = ({ steps }, { stall }) => {
  const { mixed, decodeOnly, micros } = steps
  if (mixed.count < minSteps / 2 || decodeOnly.count < minSteps / 2) return undefined
  const [long, short] = [mixed.micros / mixed.count, decodeOnly.micros / decodeOnly.count]
  if (long < stall * short) return undefined
  return {
    rule: 'prefill-stalls',
    share: mixed.micros / micros,
    sentence: `steps with prefill take ${millis(long)}, others ${millis(short)}: ${percent(mixed.micros / micros)} of step time delays running sequences`,
    cause: 'Prefill chunks run in the same steps as the decode tokens of other requests.',
    change: 'Lower maxPrefillTokensWhileDecoding, or set sloItlMillis to tune it automatically.',
  }
}

const prompts: ServingRule = ({ steps, requests }, { prefill }) => {
  const { prefillOnly, mixed, decodeOnly, micros, count } = steps
  // What a step with both would take without its prompt.
  const plain = decodeOnly.count > 0 ? decodeOnly.micros / decodeOnly.count : 0
  const own = prefillOnly.micros + Math.max(0, mixed.micros - mixed.count * plain)
  const share = own / Math.max(1, micros)
  if (count < minSteps || share < prefill) return undefined
  const cached = requests.cachedTokens / Math.max(1, requests.promptTokens)
  return {
    rule: 'prefill-share',
    share,
    sentence: `prefill takes ${percent(share)} of step time; the prefix-cache hit rate is ${percent(cached)} of prompt tokens`,
    cause: 'A shared prefix is recomputed if the prompts differ before it or it was evicted.',
    change:
      'Put the shared parts of prompts first, raise hostCacheBytes, and set snapshotDir to keep prefixes across restarts.',
  }
}

const preempted: ServingRule = ({ steps }, { preemptions }) => {
  const rate = steps.preemptions / Math.max(1, steps.count)
  if (steps.count < minSteps || rate < preemptions) return undefined
  return {
    rule: 'preemptions',
    share: Math.min(1, rate),
    sentence: `${steps.preemptions} sequences were preempted in ${steps.count} steps`,
    cause: 'The running sequences need more KV cells than exist, or requests with higher priority arrived.',
    change: 'Raise kvCacheBytes, lower maxBatchSize, or set preemption to false.',
  }
}

const guesses: ServingRule = ({ steps }, { accepted }) => {
  const { draftTokens, acceptedDraftTokens, decodeTokens } = steps
  const right = acceptedDraftTokens / Math.max(1, draftTokens)
  if (draftTokens < minDrafts || right >= accepted) return undefined
  return {
    rule: 'drafts',
    share: (draftTokens - acceptedDraftTokens) / Math.max(1, decodeTokens),
    sentence: `${percent(right)} of ${draftTokens} draft tokens were accepted`,
    cause: 'Every draft token costs a token of compute, and rejected ones are wasted.',
    change: 'Set speculation to auto or off, or lower draftTokens.',
  }
}

const texts: ServingRule = ({ steps, passes }, threshold) => {
  const share = passes.micros / Math.max(1, passes.micros + steps.micros)
  if (passes.count === 0 || steps.count < minSteps || share < threshold.passes) return undefined
  return {
    rule: 'passes',
    share,
    sentence: `embedding passes over ${passes.inputs} texts take ${percent(share)} of compute time, alternating with generation`,
    cause: 'Embedding runs on the same thread, and running sequences wait for each pass.',
    change: 'Serve embeddings with a separate model (`models` in the config file).',
  }
}

const alone: ServingRule = ({ steps, queue, totalMicros }, threshold) => {
  const share = steps.micros / Math.max(1, totalMicros)
  const { meanRunning, maxBatchSize, count } = steps
  if (count < minSteps || share < threshold.alone) return undefined
  if (maxBatchSize < 2 || meanRunning >= 1.5 || queue.mean >= 0.5) return undefined
  return {
    rule: 'alone',
    share,
    sentence: `steps have ${decimal(meanRunning)} sequences on average, and the engine is busy ${percent(share)} of the time`,
    cause:
      'Requests arrive one at a time, but a step with several sequences costs little more than a step with one.',
    change: `Send more requests concurrently: there are ${maxBatchSize} slots (maxBatchSize).`,
  }
}

export const servingRules: readonly ServingRule[] = [
  outsideNative,
  betweenSteps,
  fullBatches,
  queueShare,
  stalls,
  prompts,
  preempted,
  guesses,
  texts,
  alone,
]
