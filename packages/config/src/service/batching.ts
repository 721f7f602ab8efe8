/** Who is computed together. */

import { micros, millis, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface BatchingSettings {
  /** Sequences that generate at the same time, in one batch. */
  readonly maxBatchSize: number
  /** Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster. */
  readonly maxBatchTokens: number
  /** Prompt tokens computed in one step while other sequences generate: bounds how long a new prompt delays their next token. */
  readonly maxPrefillTokensBesideDecodes: number
  /** How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed. */
  readonly timeoutMicros: number
  /** Requests that may wait for a place in the batch; one more is answered 429. */
  readonly maxQueue: number
  /** How long the engine may have work and say nothing before it is taken for hung and started again; a large model gets more. */
  readonly stallTimeoutMillis: number
}

export const batchingSettings: SettingsTable<BatchingSettings> = {
  maxBatchSize: setting({
    kind: wholeNumber(1, 256),
    default: 16,
    doc: 'Sequences that generate at the same time, in one batch.',
    group: 'Batching',
    unit: 'sequences',
    flag: '--max-batch-size <sequences>',
    env: 'HADAL_MAX_BATCH_SIZE',
  }),
  maxBatchTokens: setting({
    kind: wholeNumber(1, 2048),
    default: 512,
    doc: 'Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster.',
    group: 'Batching',
    unit: 'tokens',
    flag: '--max-batch-tokens <tokens>',
    env: 'HADAL_MAX_BATCH_TOKENS',
  }),
  maxPrefillTokensBesideDecodes: setting({
    kind: wholeNumber(1, 2048),
    default: 128,
    doc: 'Prompt tokens computed in one step while other sequences generate: bounds how long a new prompt delays their next token.',
    group: 'Batching',
    unit: 'tokens',
    flag: null,
    env: 'HADAL_MAX_PREFILL_TOKENS_BESIDE_DECODES',
  }),
  timeoutMicros: setting({
    kind: micros,
    default: 0,
    doc: 'How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed.',
    group: 'Batching',
    unit: 'microseconds',
    flag: '--timeout-micros <duration>',
    env: 'HADAL_TIMEOUT_MICROS',
  }),
  maxQueue: setting({
    kind: wholeNumber(0, 1_000_000),
    default: 256,
    doc: 'Requests that may wait for a place in the batch; one more is answered 429.',
    group: 'Batching',
    unit: 'requests',
    flag: '--max-queue <requests>',
    env: 'HADAL_MAX_QUEUE',
  }),
  stallTimeoutMillis: setting({
    kind: millis,
    default: 120_000,
    doc: 'How long the engine may have work and say nothing before it is taken for hung and started again; a large model gets more.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--stall-timeout <duration>',
    env: 'HADAL_STALL_TIMEOUT_MILLIS',
  }),
}
