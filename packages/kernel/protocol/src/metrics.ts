/**
 * Every metric a Hadal server exposes, as data: telemetry registers them from this table, and dashboards and alerts are
 * generated from it. Names under `vllm:` are those of existing dashboards, with vLLM's meaning.
 */

export type BucketSet =
  | 'firstToken'
  | 'tokenGap'
  | 'request'
  | 'step'
  | 'tokensPerStep'
  | 'sequencesPerStep'
  | 'load'
  | 'guard'
  | 'trainStep'

export interface MetricSpec {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: BucketSet
  /** The name of the previous minor version, exposed as well until the next one; `labels` maps new label names to old ones. */
  readonly formerly?: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
}

/**
 * Seconds or counts. `request` has an edge at exactly 0.5 s, the P99 target, and several below it.
 *
 * @example
 * ```ts
 * import { buckets } from '@hadal/protocol'
 *
 * Object.keys(buckets).length > 0 // → true
 * ```
 */
export const buckets: Readonly<Record<BucketSet, readonly number[]>> = {
  firstToken: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160,
    640, 2560,
  ],
  tokenGap: [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    20, 40, 80,
  ],
  request: [
    0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240,
    480, 960, 1920, 7680,
  ],
  step: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12],
  tokensPerStep: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384],
  sequencesPerStep: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  load: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640],
  guard: [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1],
  trainStep: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600],
}

/**
 * Every metric of a server: name, kind, labels and help.
 *
 * @example
 * ```ts
 * import { metrics, type MetricSpec } from '@hadal/protocol'
 *
 * const spec: MetricSpec = metrics.queueTime
 * spec.name // → 'vllm:request_queue_time_seconds'
 * ```
 */
export const metrics = {
  requestsRunning: {
    name: 'vllm:num_requests_running',
    kind: 'gauge',
    help: 'Sequences in the running batch.',
    labels: ['model_name'],
  },
  requestsWaiting: {
    name: 'vllm:num_requests_waiting',
    kind: 'gauge',
    help: 'Sequences waiting to be admitted.',
    labels: ['model_name'],
  },
  kvCacheUsage: {
    name: 'vllm:kv_cache_usage_perc',
    kind: 'gauge',
    help: 'Share of the KV cache in use, 0 to 1.',
    labels: ['model_name'],
  },
  promptTokens: {
    name: 'vllm:prompt_tokens_total',
    kind: 'counter',
    help: 'Prompt tokens of finished sequences, cached ones included, and tokens of texts that were embedded or ranked.',
    labels: ['model_name'],
  },
  generationTokens: {
    name: 'vllm:generation_tokens_total',
    kind: 'counter',
    help: 'Tokens generated, counted as they arrive.',
    labels: ['model_name'],
  },
  finished: {
    name: 'vllm:request_success_total',
    kind: 'counter',
    help: 'Sequences that ended, by reason: stop, length, abort (client gone or server draining), error.',
    labels: ['model_name', 'finished_reason'],
  },
  prefixCacheQueries: {
    name: 'vllm:prefix_cache_queries_total',
    kind: 'counter',
    help: 'Prompt tokens looked up in the prefix cache.',
    labels: ['model_name'],
  },
  prefixCacheHits: {
    name: 'vllm:prefix_cache_hits_total',
    kind: 'counter',
    help: 'Prompt tokens found in the prefix cache.',
    labels: ['model_name'],
  },
  timeToFirstToken: {
    name: 'vllm:time_to_first_token_seconds',
    kind: 'histogram',
    help: 'Time to first token: from the request to its first text.',
    labels: ['model_name'],
    buckets: 'firstToken',
  },
  interTokenLatency: {
    name: 'vllm:inter_token_latency_seconds',
    kind: 'histogram',
    help: 'Time between two pieces of text as a streaming client receives them; a piece may contain several tokens.',
    labels: ['model_name'],
    buckets: 'tokenGap',
  },
  endToEnd: {
    name: 'vllm:e2e_request_latency_seconds',
    kind: 'histogram',
    help: 'Request latency: from the request to its last token.',
    labels: ['model_name'],
    buckets: 'request',
  },
  queueTime: {
    name: 'vllm:request_queue_time_seconds',
    kind: 'histogram',
    help: 'Queue time: from the request to its admission.',
    labels: ['model_name'],
    buckets: 'request',
  },
  prefillTime: {
    name: 'vllm:request_prefill_time_seconds',
    kind: 'histogram',
    help: 'Prefill time: from admission to the first token.',
    labels: ['model_name'],
    buckets: 'request',
  },
  decodeTime: {
    name: 'vllm:request_decode_time_seconds',
    kind: 'histogram',
    help: 'Decode time: from the first token to the last.',
    labels: ['model_name'],
    buckets: 'request',
  },
  iterationTokens: {
    name: 'vllm:iteration_tokens_total',
    kind: 'histogram',
    help: 'Tokens per engine step, prefill and decode together.',
    labels: ['model_name'],
    buckets: 'tokensPerStep',
  },
  stepSequences: {
    name: 'hadal_step_sequences',
    kind: 'histogram',
    help: 'Sequences per engine step.',
    labels: ['model_name'],
    buckets: 'sequencesPerStep',
  },
  stepTime: {
    name: 'hadal_step_duration_seconds',
    kind: 'histogram',
    help: 'Duration of an engine step.',
    labels: ['model_name'],
    buckets: 'step',
  },
  clipBatchInputs: {
    name: 'hadal_clip_batch_inputs',
    formerly: { name: 'hadal_tower_pass_inputs', labels: { encoder: 'tower' } },
    kind: 'histogram',
    help: 'Texts or images per batch of a CLIP model, by encoder: text or image.',
    labels: ['model_name', 'encoder'],
    buckets: 'sequencesPerStep',
  },
  clipBatchTime: {
    name: 'hadal_clip_batch_seconds',
    formerly: { name: 'hadal_tower_pass_seconds', labels: { encoder: 'tower' } },
    kind: 'histogram',
    help: 'Duration of a batch of a CLIP model, by encoder.',
    labels: ['model_name', 'encoder'],
    buckets: 'step',
  },
  nativeTime: {
    name: 'hadal_step_native_seconds_total',
    kind: 'counter',
    help: 'Time of engine steps spent in native computation; the rest is sampling and bookkeeping.',
    labels: ['model_name'],
  },
  preemptions: {
    name: 'vllm:num_preemptions_total',
    kind: 'counter',
    help: 'Sequences preempted by more urgent ones, or because the KV cache was full.',
    labels: ['model_name'],
  },
  drafts: {
    name: 'vllm:spec_decode_num_drafts_total',
    kind: 'counter',
    help: 'Drafts that the model verified (speculative decoding).',
    labels: ['model_name'],
  },
  draftTokens: {
    name: 'vllm:spec_decode_num_draft_tokens_total',
    kind: 'counter',
    help: 'Draft tokens that the model verified.',
    labels: ['model_name'],
  },
  acceptedDraftTokens: {
    name: 'vllm:spec_decode_num_accepted_tokens_total',
    kind: 'counter',
    help: 'Draft tokens that the model accepted.',
    labels: ['model_name'],
  },
  engineReady: {
    name: 'hadal_engine_ready',
    kind: 'gauge',
    help: '1 while the engine accepts requests.',
    labels: ['model_name'],
  },
  engineReplicas: {
    name: 'hadal_engine_replicas',
    kind: 'gauge',
    help: 'Engine processes of the model that accept requests; several with `replicas`.',
    labels: ['model_name'],
  },
  engineRestarts: {
    name: 'hadal_engine_restarts',
    kind: 'gauge',
    help: 'Restarts of the engine process since the server started.',
    labels: ['model_name'],
  },
  startTime: {
    name: 'hadal_start_seconds',
    kind: 'gauge',
    help: 'Start time of the current engine, by phase: node, libraries, backends, model, context, warmUp, prefixes; `all` is from spawn to ready.',
    labels: ['model_name', 'phase'],
  },
  maxBatchSize: {
    name: 'hadal_max_batch_size',
    kind: 'gauge',
    help: 'Maximum number of sequences in the running batch.',
    labels: ['model_name'],
  },
  maxQueue: {
    name: 'hadal_max_queue',
    kind: 'gauge',
    help: 'Maximum number of queued sequences; further requests are rejected with 429.',
    labels: ['model_name'],
  },
  modelLoaded: {
    name: 'hadal_model_loaded',
    kind: 'gauge',
    help: '1 while the model is in memory, 0 while it is served but not loaded.',
    labels: ['model_name'],
  },
  modelLoads: {
    name: 'hadal_model_loads_total',
    kind: 'counter',
    help: 'Number of times the model was loaded.',
    labels: ['model_name'],
  },
  modelUnloads: {
    name: 'hadal_model_unloads_total',
    kind: 'counter',
    help: 'Number of times the model was unloaded, by reason: idle, memory (another model needed it), asked (by an operator), reload (the config changed), failed.',
    labels: ['model_name', 'reason'],
  },
  modelLoadTime: {
    name: 'hadal_model_load_seconds',
    kind: 'histogram',
    help: 'Time from the decision to load a model until it accepted requests.',
    labels: ['model_name'],
    buckets: 'load',
  },
  upstreamReplicaUp: {
    name: 'hadal_upstream_replica_up',
    kind: 'gauge',
    help: '1 while a replica of the upstream passes its health checks, or has not been checked yet.',
    labels: ['model_name', 'replica'],
  },
  upstreamBreaker: {
    name: 'hadal_upstream_breaker_state',
    kind: 'gauge',
    help: 'Circuit breaker of a replica: 0 closed, 1 half open (one trial request), 2 open (no requests).',
    labels: ['model_name', 'replica'],
  },
  upstreamOutstanding: {
    name: 'hadal_upstream_outstanding',
    kind: 'gauge',
    help: 'Outstanding requests of a replica.',
    labels: ['model_name', 'replica'],
  },
  upstreamAttempts: {
    name: 'hadal_upstream_attempts_total',
    kind: 'counter',
    help: 'Requests sent to a replica, including retries and hedged requests.',
    labels: ['model_name', 'replica'],
  },
  upstreamFailures: {
    name: 'hadal_upstream_failures_total',
    kind: 'counter',
    help: 'Requests to a replica that failed.',
    labels: ['model_name', 'replica'],
  },
  upstreamCapacity: {
    name: 'hadal_upstream_capacity',
    formerly: { name: 'hadal_upstream_places' },
    kind: 'gauge',
    help: 'Total concurrent requests that the healthy replicas accept.',
    labels: ['model_name'],
  },
  upstreamRetries: {
    name: 'hadal_upstream_retries_total',
    kind: 'counter',
    help: 'Requests retried before their first byte.',
    labels: ['model_name'],
  },
  upstreamHedges: {
    name: 'hadal_upstream_hedges_total',
    kind: 'counter',
    help: 'Hedged requests: also sent to a second replica.',
    labels: ['model_name'],
  },
  upstreamInterrupted: {
    name: 'hadal_upstream_interrupted_total',
    kind: 'counter',
    help: 'Responses interrupted after their first byte.',
    labels: ['model_name'],
  },
  upstreamPrefixHits: {
    name: 'hadal_upstream_prefix_hits_total',
    kind: 'counter',
    help: 'Prompts routed to a replica that has their prefix cached.',
    labels: ['model_name'],
  },
  upstreamPrefixMisses: {
    name: 'hadal_upstream_prefix_misses_total',
    kind: 'counter',
    help: 'Prompts whose prefix no replica has cached, or only a busy one.',
    labels: ['model_name'],
  },
  upstreamHeld: {
    name: 'hadal_upstream_held',
    kind: 'gauge',
    help: 'Queued requests that wait for a healthy replica.',
    labels: ['model_name'],
  },
  upstreamWakes: {
    name: 'hadal_upstream_wakes_total',
    kind: 'counter',
    help: 'Number of times a replica started for queued requests (scale from zero).',
    labels: ['model_name'],
  },
  upstreamWakeTime: {
    name: 'hadal_upstream_wake_seconds',
    kind: 'gauge',
    help: 'Duration of the last wake from zero, by phase: `all` from the first queued request until a replica was healthy; `start` from the creation of its pod.',
    labels: ['model_name', 'phase'],
  },
  upstreamWakeEta: {
    name: 'hadal_upstream_wake_eta_seconds',
    kind: 'gauge',
    help: 'Estimated time until a replica is healthy, from earlier wakes; only while the model is scaled to zero and an estimate exists.',
    labels: ['model_name'],
  },
  httpRequests: {
    name: 'hadal_http_requests_total',
    kind: 'counter',
    help: 'HTTP responses, by route and status.',
    labels: ['route', 'status'],
  },
  errors: {
    name: 'hadal_errors_total',
    kind: 'counter',
    help: 'Requests that ended in an error, by its code, before or after their first byte.',
    labels: ['code'],
  },
  keyRefusals: {
    name: 'hadal_key_refusals_total',
    kind: 'counter',
    help: 'Requests rejected because of their API key, by error code, such as rate_limited or key_unknown.',
    labels: ['reason'],
  },
  journalBacklog: {
    name: 'hadal_usage_journal_backlog',
    kind: 'gauge',
    help: 'Requests whose usage is in the journal but not yet confirmed in the database.',
    labels: [],
  },
  databaseUp: {
    name: 'hadal_accounts_database_up',
    kind: 'gauge',
    help: '1 while the database of keys and usage responds.',
    labels: [],
  },
  guardVerdicts: {
    name: 'hadal_guard_verdicts_total',
    kind: 'counter',
    help: 'Texts screened by the guard, by action (allow, flag, redact, reply, block) and role. Role assistant: responses of the model.',
    labels: ['action', 'role'],
  },
  guardFindings: {
    name: 'hadal_guard_findings_total',
    kind: 'counter',
    help: 'Findings of the guard, by layer and action.',
    labels: ['layer', 'action'],
  },
  guardTime: {
    name: 'hadal_guard_seconds',
    kind: 'histogram',
    help: 'Time a guard layer took for one text; `views` is the decoding shared by all layers.',
    labels: ['layer'],
    buckets: 'guard',
  },
  guardFailures: {
    name: 'hadal_guard_failures_total',
    kind: 'counter',
    help: 'Guard checks that failed or timed out.',
    labels: ['check'],
  },
  guardWithheldTokens: {
    name: 'hadal_guard_withheld_tokens_total',
    kind: 'counter',
    help: 'Generated tokens withheld because the guard ended the response.',
    labels: [],
  },
  guardLockedKeys: {
    name: 'hadal_guard_locked_keys',
    kind: 'gauge',
    help: 'Callers currently locked out by the guard.',
    labels: [],
  },
  connectionsDropped: {
    name: 'hadal_connections_dropped_total',
    kind: 'counter',
    help: 'Connections rejected because the connection limit was reached.',
    labels: [],
  },
  configReloads: {
    name: 'hadal_config_reloads_total',
    kind: 'counter',
    help: 'Reloads of the config file, by result: applied, unchanged, refused.',
    labels: ['outcome'],
  },
  configGood: {
    name: 'hadal_config_last_reload_successful',
    kind: 'gauge',
    help: '0 while the current config file is invalid and was refused.',
    labels: [],
  },
} as const
