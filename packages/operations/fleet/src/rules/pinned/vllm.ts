/** vLLM's own metrics, of its V1 engine. Its Python client writes counters with `_total`, and whole edges as `2.0`. */

import { metricsOf, type PinnedMetrics } from './known-metric.ts'

const labels = ['model_name', 'engine']

/** @internal */
export const vllmMetrics: PinnedMetrics = {
  from: 'vLLM',
  source: 'github.com/vllm-project/vllm vllm/v1/metrics/loggers.py, vllm/v1/spec_decode/metrics.py',
  version: '0.11.0',
  metrics: [
    ...metricsOf('gauge', labels, [
      'vllm:num_requests_running',
      'vllm:num_requests_waiting',
      'vllm:kv_cache_usage_perc',
    ]),
    ...metricsOf('counter', labels, [
      'vllm:prefix_cache_queries_total',
      'vllm:prefix_cache_hits_total',
      'vllm:num_preemptions_total',
      'vllm:prompt_tokens_total',
      'vllm:generation_tokens_total',
      'vllm:spec_decode_num_drafts_total',
      'vllm:spec_decode_num_draft_tokens_total',
      'vllm:spec_decode_num_accepted_tokens_total',
    ]),
    ...metricsOf('counter', [...labels, 'finished_reason'], ['vllm:request_success_total']),
    ...metricsOf('histogram', labels, [
      'vllm:request_prompt_tokens',
      'vllm:request_generation_tokens',
      'vllm:iteration_tokens_total',
      'vllm:request_max_num_generation_tokens',
      'vllm:request_params_n',
      'vllm:request_params_max_tokens',
      'vllm:time_to_first_token_seconds',
      'vllm:inter_token_latency_seconds',
      'vllm:e2e_request_latency_seconds',
      'vllm:request_queue_time_seconds',
      'vllm:request_inference_time_seconds',
      'vllm:request_prefill_time_seconds',
      'vllm:request_decode_time_seconds',
    ]),
  ],
}
