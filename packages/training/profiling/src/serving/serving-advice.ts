/** Recommends server setting changes. Each rule is a function of one model's facts, with its threshold next to it. Pure. */

import type { ServingFacts } from './serving-facts.ts'
import { type ServingAdvice, type ServingThresholds, servingRules } from './serving-rules.ts'

/** A service's settings, for the names of recommended changes. */
export const servingSettings: readonly string[] = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensWhileDecoding',
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
