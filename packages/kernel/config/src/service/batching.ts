/** Batching and queueing settings. */

import { flag, micros, millis, numbers, optional, sizeOrNone, text, wholeNumber } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface BatchingSettings {
  /** Maximum number of sequences per batch, or of texts or images per embedding pass. */
  readonly maxBatchSize: number
  /** Maximum number of tokens per engine step, prompt and decode tokens together. Smaller values reduce inter-token latency; larger ones speed up prefill. */
  readonly maxBatchTokens: number
  /** Maximum number of prompt tokens per step while other sequences decode. Limits the delay a new prompt adds to their next token. `sloItlMillis` may reduce it. */
  readonly maxPrefillTokensWhileDecoding: number
  /** How long an idle engine waits for more requests before its first step. Running sequences are never delayed. */
  readonly timeoutMicros: number
  /** Maximum number of queued requests; further ones get 429. */
  readonly maxQueue: number
  /** SLO for time to first token. Requests that cannot meet it are rejected with 503 and Retry-After. */
  readonly sloTtftMillis: number | undefined
  /** SLO for inter-token latency. Prefill chunks are sized from measured step times to meet it. */
  readonly sloItlMillis: number | undefined
  /** Waiting time that raises a request’s priority by one level, to prevent starvation. */
  readonly priorityAgingMillis: number
  /** Engine share of each of `apiKeys` under contention, in the same order; 1 if unset. */
  readonly keyWeights: readonly number[]
  /** Allocate KV cells on demand and preempt requests when cells run short, instead of reserving the maximum for each request. */
  readonly preemption: boolean
  /** Host memory for preempted sequences and evicted prefixes; 0 disables it. */
  readonly hostCacheBytes: number | undefined
  /** Folder for hot prefixes such as system prompts. They are restored at startup with the same model and settings. */
  readonly snapshotDir: string | undefined
  /** Tune `maxBatchSize`, `maxPrefillTokensWhileDecoding` and `timeoutMicros` while serving, up to their initial values, to meet `sloTtftMillis` (default 500 ms) and `sloItlMillis`. Changes are logged with a reason, and reverted if they make things worse. */
  readonly tuneOnline: boolean
  /** How long a busy engine may stay silent before it is considered hung and restarted; longer for large models. */
  readonly stallTimeoutMillis: number
}

export const batchingSettings: SettingsTable<BatchingSettings> = {
  maxBatchSize: setting({
    kind: wholeNumber(1, 256),
    default: 16,
    doc: 'Maximum number of sequences per batch, or of texts or images per embedding pass.',
    group: 'Batching',
    unit: 'sequences',
    flag: '--max-batch-size <sequences>',
    env: 'HADAL_MAX_BATCH_SIZE',
    reload: 'lower',
  }),
  maxBatchTokens: setting({
    kind: wholeNumber(1, 2048),
    default: 512,
    doc: 'Maximum number of tokens per engine step, prompt and decode tokens together. Smaller values reduce inter-token latency; larger ones speed up prefill.',
    group: 'Batching',
    unit: 'tokens',
    flag: '--max-batch-tokens <tokens>',
    env: 'HADAL_MAX_BATCH_TOKENS',
    reload: 'lower',
  }),
  maxPrefillTokensWhileDecoding: setting({
    kind: wholeNumber(1, 2048),
    default: 128,
    doc: 'Maximum number of prompt tokens per step while other sequences decode. Limits the delay a new prompt adds to their next token. `sloItlMillis` may reduce it.',
    group: 'Batching',
    unit: 'tokens',
    flag: null,
    env: 'HADAL_MAX_PREFILL_TOKENS_WHILE_DECODING',
    formerly: 'maxPrefillTokensBesideDecodes',
    reload: 'lower',
  }),
  timeoutMicros: setting({
    kind: micros,
    default: 0,
    doc: 'How long an idle engine waits for more requests before its first step. Running sequences are never delayed.',
    group: 'Batching',
    unit: 'microseconds',
    flag: '--timeout-micros <duration>',
    env: 'HADAL_TIMEOUT_MICROS',
    reload: 'live',
  }),
  maxQueue: setting({
    kind: wholeNumber(0, 1_000_000),
    default: 256,
    doc: 'Maximum number of queued requests; further ones get 429.',
    group: 'Batching',
    unit: 'requests',
    flag: '--max-queue <requests>',
    env: 'HADAL_MAX_QUEUE',
  }),
  sloTtftMillis: setting({
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'none: queued requests wait indefinitely',
    doc: 'SLO for time to first token. Requests that cannot meet it are rejected with 503 and Retry-After.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--slo-ttft <duration>',
    env: 'HADAL_SLO_TTFT_MILLIS',
  }),
  sloItlMillis: setting({
    kind: optional(millis),
    default: undefined,
    defaultDoc: 'none: only `maxPrefillTokensWhileDecoding` applies',
    doc: 'SLO for inter-token latency. Prefill chunks are sized from measured step times to meet it.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--slo-itl <duration>',
    env: 'HADAL_SLO_ITL_MILLIS',
  }),
  priorityAgingMillis: setting({
    kind: millis,
    default: 10_000,
    defaultDoc: '10s',
    doc: 'Waiting time that raises a request’s priority by one level, to prevent starvation.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--priority-aging <duration>',
    env: 'HADAL_PRIORITY_AGING_MILLIS',
  }),
  keyWeights: setting({
    kind: numbers(0.001, 1000),
    default: [],
    doc: 'Engine share of each of `apiKeys` under contention, in the same order; 1 if unset.',
    group: 'Batching',
    unit: null,
    flag: '--key-weights <list>',
    env: 'HADAL_KEY_WEIGHTS',
  }),
  preemption: setting({
    kind: flag,
    default: true,
    doc: 'Allocate KV cells on demand and preempt requests when cells run short, instead of reserving the maximum for each request.',
    group: 'Batching',
    unit: null,
    flag: '--preemption <boolean>',
    env: 'HADAL_PREEMPTION',
  }),
  hostCacheBytes: setting({
    kind: optional(sizeOrNone),
    default: undefined,
    defaultDoc: 'an eighth of the free memory, up to 1 GiB',
    doc: 'Host memory for preempted sequences and evicted prefixes; 0 disables it.',
    group: 'Batching',
    unit: 'bytes',
    flag: '--host-cache <size>',
    env: 'HADAL_HOST_CACHE_BYTES',
  }),
  snapshotDir: setting({
    kind: optional(text),
    default: undefined,
    defaultDoc: 'none are saved to disk',
    doc: 'Folder for hot prefixes such as system prompts. They are restored at startup with the same model and settings.',
    group: 'Batching',
    unit: null,
    flag: '--snapshot-dir <folder>',
    env: 'HADAL_SNAPSHOT_DIR',
  }),
  tuneOnline: setting({
    kind: flag,
    default: false,
    doc: 'Tune `maxBatchSize`, `maxPrefillTokensWhileDecoding` and `timeoutMicros` while serving, up to their initial values, to meet `sloTtftMillis` (default 500 ms) and `sloItlMillis`. Changes are logged with a reason, and reverted if they make things worse.',
    group: 'Batching',
    unit: null,
    flag: '--tune-online',
    env: 'HADAL_TUNE_ONLINE',
  }),
  stallTimeoutMillis: setting({
    kind: millis,
    default: 120_000,
    doc: 'How long a busy engine may stay silent before it is considered hung and restarted; longer for large models.',
    group: 'Batching',
    unit: 'milliseconds',
    flag: '--stall-timeout <duration>',
    env: 'HADAL_STALL_TIMEOUT_MILLIS',
  }),
}
