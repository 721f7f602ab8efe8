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
    help: 'From the request to its first text.',
    labels: ['model_name'],
    buckets: 'firstToken',
  },
  interTokenLatency: {
    name: 'vllm:inter_token_latency_seconds',
    kind: 'histogram',
    help: 'Between one piece of text and the next, as a streaming client sees them; a piece may hold several tokens.',
    labels: ['model_name'],
    buckets: 'tokenGap',
  },
  endToEnd: {
    name: 'vllm:e2e_request_latency_seconds',
    kind: 'histogram',
    help: 'From the request to its last token.',
    labels: ['model_name'],
    buckets: 'request',
  },
  queueTime: {
    name: 'vllm:request_queue_time_seconds',
    kind: 'histogram',
    help: 'From the request to its admission.',
    labels: ['model_name'],
    buckets: 'request',
  },
  prefillTime: {
    name: 'vllm:request_prefill_time_seconds',
    kind: 'histogram',
    help: 'From admission to the first token.',
    labels: ['model_name'],
    buckets: 'request',
  },
  decodeTime: {
    name: 'vllm:request_decode_time_seconds',
    kind: 'histogram',
    help: 'From the first token to the last.',
    labels: ['model_name'],
    buckets: 'request',
  },
  iterationTokens: {
    name: 'vllm:iteration_tokens_total',
    kind: 'histogram',
    help: 'Tokens in one engine step, prefill and decode together.',
    labels: ['model_name'],
    buckets: 'tokensPerStep',
  },
  stepSequences: {
    name: 'hadal_step_sequences',
    kind: 'histogram',
    help: 'Sequences in one engine step.',
    labels: ['model_name'],
    buckets: 'sequencesPerStep',
  },
  stepTime: {
    name: 'hadal_step_duration_seconds',
    kind: 'histogram',
    help: 'One engine step.',
    labels: ['model_name'],
    buckets: 'step',
  },
  towerInputs: {
    name: 'hadal_tower_pass_inputs',
    kind: 'histogram',
    help: 'Texts, or images, in one pass of a model that has a tower for each.',
    labels: ['model_name', 'tower'],
    buckets: 'sequencesPerStep',
  },
  towerTime: {
    name: 'hadal_tower_pass_seconds',
    kind: 'histogram',
    help: 'One such pass.',
    labels: ['model_name', 'tower'],
    buckets: 'step',
  },
  nativeTime: {
    name: 'hadal_step_native_seconds_total',
    kind: 'counter',
    help: 'Of the time of engine steps, spent in the library’s computation; the rest is sampling and bookkeeping.',
    labels: ['model_name'],
  },
  preemptions: {
    name: 'vllm:num_preemptions_total',
    kind: 'counter',
    help: 'Sequences that were put aside for others that are more urgent, or because cells ran short.',
    labels: ['model_name'],
  },
  drafts: {
    name: 'vllm:spec_decode_num_drafts_total',
    kind: 'counter',
    help: 'Drafts of speculative decoding that the model checked.',
    labels: ['model_name'],
  },
  draftTokens: {
    name: 'vllm:spec_decode_num_draft_tokens_total',
    kind: 'counter',
    help: 'Tokens of drafts that the model checked.',
    labels: ['model_name'],
  },
  acceptedDraftTokens: {
    name: 'vllm:spec_decode_num_accepted_tokens_total',
    kind: 'counter',
    help: 'Tokens of drafts that were what the model itself would have said.',
    labels: ['model_name'],
  },
  engineReady: {
    name: 'hadal_engine_ready',
    kind: 'gauge',
    help: '1 while the engine takes requests.',
    labels: ['model_name'],
  },
  engineReplicas: {
    name: 'hadal_engine_replicas',
    kind: 'gauge',
    help: 'Engine processes of the model that take requests; several with `replicas`.',
    labels: ['model_name'],
  },
  engineRestarts: {
    name: 'hadal_engine_restarts',
    kind: 'gauge',
    help: 'Times the engine process was started again since the server began.',
    labels: ['model_name'],
  },
  startTime: {
    name: 'hadal_start_seconds',
    kind: 'gauge',
    help: 'How long the engine that serves now took to start, by phase: node, libraries, backends, model, context, warmUp, prefixes; `all` from its spawn until it was ready.',
    labels: ['model_name', 'phase'],
  },
  maxBatchSize: {
    name: 'hadal_max_batch_size',
    kind: 'gauge',
    help: 'Most sequences the running batch may hold.',
    labels: ['model_name'],
  },
  maxQueue: {
    name: 'hadal_max_queue',
    kind: 'gauge',
    help: 'Most sequences that may wait; more are shed with 429.',
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
    help: 'Times the model was loaded.',
    labels: ['model_name'],
  },
  modelUnloads: {
    name: 'hadal_model_unloads_total',
    kind: 'counter',
    help: 'Times the model was unloaded, by reason: idle, memory (another one needed it), asked, reload (the config changed), failed.',
    labels: ['model_name', 'reason'],
  },
  modelLoadTime: {
    name: 'hadal_model_load_seconds',
    kind: 'histogram',
    help: 'From the decision to load a model until it took requests.',
    labels: ['model_name'],
    buckets: 'load',
  },
  upstreamReplicaUp: {
    name: 'hadal_upstream_replica_up',
    kind: 'gauge',
    help: '1 while a replica of the upstream answers its health checks, or has not been asked yet.',
    labels: ['model_name', 'replica'],
  },
  upstreamBreaker: {
    name: 'hadal_upstream_breaker_state',
    kind: 'gauge',
    help: 'The circuit to a replica: 0 closed, 1 half open (one request is tried), 2 open (none is sent).',
    labels: ['model_name', 'replica'],
  },
  upstreamOutstanding: {
    name: 'hadal_upstream_outstanding',
    kind: 'gauge',
    help: 'Requests that a replica has and has not answered whole.',
    labels: ['model_name', 'replica'],
  },
  upstreamAttempts: {
    name: 'hadal_upstream_attempts_total',
    kind: 'counter',
    help: 'Requests sent to a replica, retries and hedges among them.',
    labels: ['model_name', 'replica'],
  },
  upstreamFailures: {
    name: 'hadal_upstream_failures_total',
    kind: 'counter',
    help: 'Of them, those that failed.',
    labels: ['model_name', 'replica'],
  },
  upstreamPlaces: {
    name: 'hadal_upstream_places',
    kind: 'gauge',
    help: 'Requests that the replicas that are well may have at the same time.',
    labels: ['model_name'],
  },
  upstreamRetries: {
    name: 'hadal_upstream_retries_total',
    kind: 'counter',
    help: 'Requests that were tried again before their first byte.',
    labels: ['model_name'],
  },
  upstreamHedges: {
    name: 'hadal_upstream_hedges_total',
    kind: 'counter',
    help: 'Requests for which a second replica was asked as well.',
    labels: ['model_name'],
  },
  upstreamInterrupted: {
    name: 'hadal_upstream_interrupted_total',
    kind: 'counter',
    help: 'Answers that were cut after their first byte.',
    labels: ['model_name'],
  },
  upstreamPrefixHits: {
    name: 'hadal_upstream_prefix_hits_total',
    kind: 'counter',
    help: 'Prompts that went to the replica which has their beginning.',
    labels: ['model_name'],
  },
  upstreamPrefixMisses: {
    name: 'hadal_upstream_prefix_misses_total',
    kind: 'counter',
    help: 'Prompts whose beginning no replica has, or only one that was busy.',
    labels: ['model_name'],
  },
  upstreamHeld: {
    name: 'hadal_upstream_held',
    kind: 'gauge',
    help: 'Of the requests that wait, those that do because no replica is well.',
    labels: ['model_name'],
  },
  upstreamWakes: {
    name: 'hadal_upstream_wakes_total',
    kind: 'counter',
    help: 'Times a replica came up for requests that were held.',
    labels: ['model_name'],
  },
  upstreamWakeTime: {
    name: 'hadal_upstream_wake_seconds',
    kind: 'gauge',
    help: 'What the last wake took, by phase: `all` from the first request that was held until a replica was well; `start` of it since its pod was there.',
    labels: ['model_name', 'phase'],
  },
  upstreamWakeEta: {
    name: 'hadal_upstream_wake_eta_seconds',
    kind: 'gauge',
    help: 'Until a replica is likely to be well, by what wakes took before; only while the model sleeps and something is known.',
    labels: ['model_name'],
  },
  httpRequests: {
    name: 'hadal_http_requests_total',
    kind: 'counter',
    help: 'HTTP requests answered, by route and status.',
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
    help: 'Requests refused for their key, by reason: the code of the error, such as rate_limited or key_unknown.',
    labels: ['reason'],
  },
  journalBacklog: {
    name: 'hadal_usage_journal_backlog',
    kind: 'gauge',
    help: 'Requests whose usage is in the journal and not known to be in the database.',
    labels: [],
  },
  databaseUp: {
    name: 'hadal_accounts_database_up',
    kind: 'gauge',
    help: '1 while the database of keys and usage answers.',
    labels: [],
  },
  guardVerdicts: {
    name: 'hadal_guard_verdicts_total',
    kind: 'counter',
    help: 'Texts that the guard screened, by what it did (allow, flag, redact, reply, block) and whose words they were. Of role assistant: answers.',
    labels: ['action', 'role'],
  },
  guardFindings: {
    name: 'hadal_guard_findings_total',
    kind: 'counter',
    help: 'What the guard found, by layer and by the action of the check that found it.',
    labels: ['layer', 'action'],
  },
  guardTime: {
    name: 'hadal_guard_seconds',
    kind: 'histogram',
    help: 'What a layer of the guard took for one text; `views` is what all of them read.',
    labels: ['layer'],
    buckets: 'guard',
  },
  guardFailures: {
    name: 'hadal_guard_failures_total',
    kind: 'counter',
    help: 'Checks of the guard that threw or took too long.',
    labels: ['check'],
  },
  guardWithheldTokens: {
    name: 'hadal_guard_withheld_tokens_total',
    kind: 'counter',
    help: 'Tokens of answers that were computed, and kept back because the guard ended the answer.',
    labels: [],
  },
  guardLockedKeys: {
    name: 'hadal_guard_locked_keys',
    kind: 'gauge',
    help: 'Callers that the guard has locked out for now.',
    labels: [],
  },
  connectionsDropped: {
    name: 'hadal_connections_dropped_total',
    kind: 'counter',
    help: 'Connections refused because the limit was reached.',
    labels: [],
  },
  configReloads: {
    name: 'hadal_config_reloads_total',
    kind: 'counter',
    help: 'Times the config file was read again, by what came of it: applied, unchanged, refused.',
    labels: ['outcome'],
  },
  configGood: {
    name: 'hadal_config_last_reload_successful',
    kind: 'gauge',
    help: '0 while the config file is one that was refused.',
    labels: [],
  },
} as const
