/** Batching and queueing settings. */

import { flag, micros, millis, numbers, optional, sizeOrNone, text, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface BatchingSettings {
  /** Sequences that generate at the same time, in one batch; texts or images that one pass embeds. */
  readonly maxBatchSize: number
  /** Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster. */
  readonly maxBatchTokens: number
  /** Prompt tokens computed in one step while other sequences generate: bounds how long a new prompt delays their next token. `sloItlMillis` may make it fewer. */
  readonly maxPrefillTokensWhileDecoding: number
  /** How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed. */
  readonly timeoutMicros: number
  /** Requests that may wait for a place in the batch; one more is answered 429. */
  readonly maxQueue: number
  /** The longest wait for a first token that is promised: who could not have it by then is refused (503) at once, and told when to come back. */
  readonly sloTtftMillis: number | undefined
  /** The longest time between two tokens that is promised: prompts are computed in chunks so small, by what steps were measured to take, that those who generate keep it. */
  readonly sloItlMillis: number | undefined
  /** How long a request waits to count as one priority more urgent, so that none waits for ever. */
  readonly priorityAgingMillis: number
  /** What each of `apiKeys` gets of the engine when all have requests waiting, in their order; 1 where nothing is said. */
  readonly keyWeights: readonly number[]
  /** Start requests with cells for their prompt and a little more, and put some aside when cells run short, instead of reserving what each may come to need. */
  readonly preemption: boolean
  /** Memory beside the KV cache for sequences that were put aside and beginnings that left it; 0 keeps none. */
  readonly hostCacheBytes: number | undefined
  /** Folder where beginnings that many requests share, such as system prompts, are kept on disk: a start with the same model and settings begins with them. */
  readonly snapshotDir: string | undefined
  /** Adjust `maxBatchSize`, `maxPrefillTokensWhileDecoding` and `timeoutMicros` while serving, within what the service was started with, for `sloTtftMillis` (500 ms where nothing is said) and `sloItlMillis`. Each change is logged with its reason, and taken back where it makes things worse. */
  readonly tuneOnline: boolean
  /** How long the engine may have work and say nothing before it is taken for hung and started again; a large model gets more. */
  readonly stallTimeoutMillis: number
}

export const batchingSettings: SettingsTable<BatchingSettings> = {
  maxBatchSize: setting({
    kind: wholeNumber(1, 256),
    default: 16,
    doc: 'Sequences that generate at the same time, in one batch; texts or images that one pass embeds.',
    group: 'Batching',
    unit: 'sequences',
    flag: '--max-batch-size <sequences>',
    env: 'HADAL_MAX_BATCH_SIZE',
    reload: 'lower',
  }),
  maxBatchTokens: setting({
    kind: wholeNumber(1, 2048),
    default: 512,
    doc: 'Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster.',
    group: 'Batching',
    unit: 'tokens',
    flag: '--max-batch-tokens <tokens>',
    env: 'HADAL_MAX_BATCH_TOKENS',
    reload: 'lower',
  }),
  maxPrefillTokensWhileDecoding: setting({
    kind: wholeNumber(1, 2048),
    default: 128,
    doc: 'Prompt tokens computed in one step while other sequences generate: bounds how long a new prompt delays their next token. `sloItlMillis` may make it fewer.',
    group: 'Batching',
    unit: 'tokens',
    flag: null,
    env: 'HADAL_MAX_PREFILL_TOKENS_WHILE_DECODING',
    reload: 'lower',
  }),
  timeoutMicros: setting({
    kind: micros,
    default: 0,
    doc: 'How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed.',
    group: 'Batching',
    unit: 'microseconds',
    flag: '--timeout-micros <duration>',
    env: 'HADAL_TIMEOUT_MICROS',
    reload: 'live',
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
  sloTtftMillis: setting({
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'none: who is in line waits',
    doc: 'The longest wait for a first token that is promised: who could not have it by then is refused (503) at once, and told when to come back.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--slo-ttft <duration>',
    env: 'HADAL_SLO_TTFT_MILLIS',
  }),
  sloItlMillis: setting({
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'none: `maxPrefillTokensWhileDecoding` alone',
    doc: 'The longest time between two tokens that is promised: prompts are computed in chunks so small, by what steps were measured to take, that those who generate keep it.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--slo-itl <duration>',
    env: 'HADAL_SLO_ITL_MILLIS',
  }),
  priorityAgingMillis: setting({
    kind: millis,
    default: 10_000,
    defaultDoc: '10s',
    doc: 'How long a request waits to count as one priority more urgent, so that none waits for ever.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--priority-aging <duration>',
    env: 'HADAL_PRIORITY_AGING_MILLIS',
  }),
  keyWeights: setting({
    kind: numbers(0.001, 1000),
    default: [],
    doc: 'What each of `apiKeys` gets of the engine when all have requests waiting, in their order; 1 where nothing is said.',
    group: 'Batching',
    unit: null,
    flag: '--key-weights <list>',
    env: 'HADAL_KEY_WEIGHTS',
  }),
  preemption: setting({
    kind: flag,
    default: true,
    doc: 'Start requests with cells for their prompt and a little more, and put some aside when cells run short, instead of reserving what each may come to need.',
    group: 'Batching',
    unit: null,
    flag: '--preemption <boolean>',
    env: 'HADAL_PREEMPTION',
  }),
  hostCacheBytes: setting({
    kind: optional(sizeOrNone),
    default: undefined,
    defaultDoc: 'an eighth of the free memory, 1 GiB at most',
    doc: 'Memory beside the KV cache for sequences that were put aside and beginnings that left it; 0 keeps none.',
    group: 'Batching',
    unit: 'bytes',
    flag: '--host-cache <size>',
    env: 'HADAL_HOST_CACHE_BYTES',
  }),
  snapshotDir: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'none is kept on disk',
    doc: 'Folder where beginnings that many requests share, such as system prompts, are kept on disk: a start with the same model and settings begins with them.',
    group: 'Batching',
    unit: null,
    flag: '--snapshot-dir <folder>',
    env: 'HADAL_SNAPSHOT_DIR',
  }),
  tuneOnline: setting({
    kind: flag,
    default: false,
    doc: 'Adjust `maxBatchSize`, `maxPrefillTokensWhileDecoding` and `timeoutMicros` while serving, within what the service was started with, for `sloTtftMillis` (500 ms where nothing is said) and `sloItlMillis`. Each change is logged with its reason, and taken back where it makes things worse.',
    group: 'Batching',
    unit: null,
    flag: '--tune-online',
    env: 'HADAL_TUNE_ONLINE',
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
