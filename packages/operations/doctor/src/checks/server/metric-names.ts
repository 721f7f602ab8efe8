/**
 * How servers of different makes call the same figure, ours first. vLLM's are those of its V1 engine and the one that older ones had
 * (docs.vllm.ai, Production Metrics), SGLang's of its `--enable-metrics`, llama-server's of its `--metrics` (tools/server/README.md).
 */

import { metrics } from '@hadal/protocol'

export type FigureName =
  | 'running'
  | 'waiting'
  | 'kvCacheUsage'
  | 'preemptions'
  | 'finished'
  | 'endToEnd'
  | 'firstToken'
  | 'queueTime'
  | 'meanBatch'
  | 'steps'
  | 'newTokens'
  | 'prefixQueries'
  | 'prefixHits'
  | 'prefixHitRate'

export const names: Readonly<Record<FigureName, readonly string[]>> = {
  running: [metrics.requestsRunning.name, 'sglang:num_running_reqs', 'llamacpp:requests_processing'],
  waiting: [metrics.requestsWaiting.name, 'sglang:num_queue_reqs', 'llamacpp:requests_deferred'],
  /** 0 to 1. */
  kvCacheUsage: [
    metrics.kvCacheUsage.name,
    'vllm:gpu_cache_usage_perc',
    'sglang:token_usage',
    'llamacpp:kv_cache_usage_ratio',
  ],
  preemptions: [metrics.preemptions.name],
  finished: [metrics.finished.name, 'sglang:num_requests_total'],
  endToEnd: [metrics.endToEnd.name, 'sglang:e2e_request_latency_seconds'],
  firstToken: [metrics.timeToFirstToken.name, 'sglang:time_to_first_token_seconds'],
  queueTime: [metrics.queueTime.name, 'sglang:queue_time_seconds'],
  /** Mean over the server's lifetime, where no histogram is exported. */
  meanBatch: ['llamacpp:n_busy_slots_per_decode'],
  steps: [`${metrics.iterationTokens.name}_count`, 'llamacpp:n_decode_total'],
  newTokens: [metrics.generationTokens.name],
  prefixQueries: [metrics.prefixCacheQueries.name],
  prefixHits: [metrics.prefixCacheHits.name],
  /** 0 to 1. */
  prefixHitRate: ['sglang:cache_hit_rate'],
}

/** The server that writes the metrics; undefined: an unknown one. */
export function makerOf(has: (prefix: string) => boolean): string | undefined {
  if (has('hadal_')) return 'Hadal'
  if (has('vllm:')) return 'vLLM'
  if (has('sglang:')) return 'SGLang'
  return has('llamacpp:') ? 'llama-server' : undefined
}
