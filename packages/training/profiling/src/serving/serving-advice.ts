/** Recommends server setting changes. Each rule is a function of one model's facts, with its threshold next to it. Pure. */

import type { ServingFacts } from './serving-facts.ts'
import { servingRules } from './serving-rules.ts'

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
  /** Of step time, outside native code. */
  readonly outside: number
  /** Of the time from the first step to the last, between steps that could have followed each other. */
  readonly between: number
  /** Of step time, with somebody in line. */
  readonly waiting: number
  /** Of the time to the first token, in line. */
  readonly queue: number
  /** A step with a part of a prompt takes so many times as long as one without. */
  readonly stall: number
  /** Of step time, for prompts. */
  readonly prefill: number
  /** Put aside, for each step. */
  readonly preemptions: number
  /** Of the tokens that were guessed, right. */
  readonly accepted: number
  /** Of the time computed, for passes alongside generation. */
  readonly passes: number
  /** Of the whole time, computed with little in a step. */
  readonly alone: number
}

/** A service's settings, for the names of recommended changes. */
export const servingSettings: readonly string[] = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensBesideDecodes',
  'timeoutMicros',
  'sloTtftMillis',
  'sloItlMillis',
  'preemption',
  'kvCacheBytes',
  'hostCacheBytes',
  'snapshotDir',
  'contextLength',
  'maxTokens',
  'threads',
  'topK',
  'speculation',
  'draftTokens',
  'models',
]

export const servingThresholds: ServingThresholds = {
  outside: 0.25,
  between: 0.1,
  waiting: 0.2,
  queue: 0.4,
  stall: 3,
  prefill: 0.5,
  preemptions: 0.02,
  accepted: 0.3,
  passes: 0.3,
  alone: 0.6,
}

/** Largest effect first; each sentence names its model if there are several. */
export function servingAdvice(
  models: readonly ServingFacts[],
  thresholds: ServingThresholds = servingThresholds,
): ServingAdvice[] {
  return models
    .flatMap((facts) =>
      servingRules.flatMap((rule) => {
        const found = rule(facts, thresholds)
        if (found === undefined) return []
        return models.length > 1 ? { ...found, sentence: `${facts.model}: ${found.sentence}` } : found
      }),
    )
    .sort((a, b) => b.share - a.share)
}
