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
  /** A step with a part of a prompt takes so many times as long as one without. */
  readonly stall: number
  /** Share of step time spent on prefill. */
  readonly prefill: number
  /** Put aside, for each step. */
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
    cause: causesOutside.get(most) ?? 'It is paid once a step, however many sequences share it.',
    change:
      changesOutside.get(most) ??
      'A larger maxBatchSize lets more requests share a step, where more come at a time.',
  }
}

const causesOutside: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sample:
      'Tokens are drawn one after another on one thread; grammars, penalties and log-probabilities take longest. On a GPU the wait for its results counts here, too.',
    texts: 'Stop strings and log-probabilities are looked for and written for each token.',
    plan: 'Guesses are made while steps are planned.',
  }),
)

const changesOutside: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sample:
      'A small topK leaves less to draw from; ask for log-probabilities and grammars only where they are used.',
    texts: 'Ask for fewer stop strings and log-probabilities.',
    plan: 'Set speculation to off, or draftTokens lower, where guesses are seldom right.',
  }),
)

const betweenSteps: ServingRule = ({ steps, passes }, { between }) => {
  const { betweenMicros, micros, count } = steps
  const share = betweenMicros / Math.max(1, betweenMicros + micros + passes.micros)
  if (count < minSteps || share < between) return undefined
  return {
    rule: 'between-steps',
    share,
    sentence: `${percent(share)} of the time lies between steps, though sequences were under way: ${millis(betweenMicros / count)} a step`,
    cause:
      'Results are sent and messages read there; it takes longer where the server’s own process has no core left.',
    change: 'Set threads to one less than the cores there are.',
  }
}

const fullBatches: ServingRule = ({ steps }, { waiting }) => {
  const { whileWaiting, maxBatchSize, micros, count } = steps
  const { meanRunning, meanWaiting, kvCacheUsage } = whileWaiting
  const share = whileWaiting.micros / Math.max(1, micros)
  if (count < minSteps || share < waiting) return undefined
  const sentence = `batches average ${decimal(meanRunning)} sequences while ${decimal(meanWaiting)} waited, for ${percent(share)} of step time`
  if (meanRunning >= 0.9 * maxBatchSize)
    return {
      rule: 'batch-full',
      share,
      sentence,
      cause: `All ${maxBatchSize} places are taken.`,
      change: `Raise maxBatchSize above ${maxBatchSize}.`,
    }
  if (kvCacheUsage >= 0.85)
    return {
      rule: 'cells-full',
      share,
      sentence,
      cause: `${percent(kvCacheUsage)} of the keys and values are in use, so places stay empty.`,
      change: 'Raise kvCacheBytes, or lower contextLength or maxTokens.',
    }
  return {
    rule: 'held-back',
    share,
    sentence,
    cause: 'Places and cells were free: requests are held for others to come, or wait for a pass over texts.',
    change: 'Lower timeoutMicros; raise maxBatchTokens where texts to embed wait.',
  }
}

const queueShare: ServingRule = ({ requests }, { queue }) => {
  const { answered, meanQueueMillis, meanFirstTokenMillis } = requests
  const share = meanQueueMillis / Math.max(1, meanFirstTokenMillis)
  if (answered < minRequests || share < queue) return undefined
  return {
    rule: 'queue',
    share,
    sentence: `queue waits are ${percent(share)} of the time to the first token: ${millis(meanQueueMillis * 1000)} of ${millis(meanFirstTokenMillis * 1000)}`,
    cause: 'More requests come than are computed at a time.',
    change:
      'Raise maxBatchSize where memory allows; set sloTtftMillis to refuse what would come too late; or serve the model in several places.',
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
    sentence: `steps that read a part of a prompt take ${millis(long)}, others ${millis(short)}: ${percent(mixed.micros / micros)} of step time has such pauses for those who generate`,
    cause: 'Parts of prompts are computed in the same steps as the tokens of others.',
    change: 'Lower maxPrefillTokensWhileDecoding, or set sloItlMillis and let it be found.',
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
    sentence: `prompts take ${percent(share)} of step time; ${percent(cached)} of their tokens came from the cache`,
    cause:
      'What a prompt has in common with an earlier one is read again where its beginning differs, or is no longer kept.',
    change:
      'Put what prompts share first; raise hostCacheBytes, and set snapshotDir to keep beginnings over restarts.',
  }
}

const preempted: ServingRule = ({ steps }, { preemptions }) => {
  const rate = steps.preemptions / Math.max(1, steps.count)
  if (steps.count < minSteps || rate < preemptions) return undefined
  return {
    rule: 'preemptions',
    share: Math.min(1, rate),
    sentence: `${steps.preemptions} sequences were put aside in ${steps.count} steps`,
    cause: 'More run than there are cells for, or more urgent ones came.',
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
    sentence: `${percent(right)} of ${draftTokens} guessed tokens were right`,
    cause: 'Every guess is computed like a token; a wrong one is computed for nothing.',
    change: 'Set speculation to auto or off, or draftTokens lower.',
  }
}

const texts: ServingRule = ({ steps, passes }, threshold) => {
  const share = passes.micros / Math.max(1, passes.micros + steps.micros)
  if (passes.count === 0 || steps.count < minSteps || share < threshold.passes) return undefined
  return {
    rule: 'passes',
    share,
    sentence: `passes over ${passes.inputs} texts take ${percent(share)} of what is computed, in turns with generation`,
    cause: 'Texts are embedded on the same thread, and those who generate wait for each pass.',
    change: 'Serve them by a model of their own, with models in the config file.',
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
    sentence: `steps hold ${decimal(meanRunning)} sequences, and the engine computes ${percent(share)} of the time`,
    cause: 'Requests come one after another; a step of several costs little more than a step of one.',
    change: `Send more at a time: there are ${maxBatchSize} places (maxBatchSize).`,
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
