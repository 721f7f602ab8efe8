/** SGLang's metrics, exported only with `--enable-metrics`. */

import { metricsOf, type PinnedMetrics } from './known-metric.ts'

/** Labels of scheduler metrics; request metrics have `model_name` alone. */
const scheduler = ['model_name', 'engine_type', 'tp_rank', 'pp_rank', 'moe_ep_rank', 'dp_rank']
const requests = ['model_name']

/** @internal */
export const sglangMetrics: PinnedMetrics = {
  from: 'SGLang',
  source: 'github.com/sgl-project/sglang python/sglang/srt/metrics/collector.py',
  version: '0.5',
  metrics: [
    ...metricsOf('gauge', scheduler, [
      'sglang:num_running_reqs',
      'sglang:num_used_tokens',
      'sglang:token_usage',
      'sglang:gen_throughput',
      'sglang:num_queue_reqs',
      'sglang:num_grammar_queue_reqs',
      'sglang:cache_hit_rate',
      'sglang:max_total_num_tokens',
      'sglang:spec_accept_length',
      'sglang:num_retracted_reqs',
      'sglang:utilization',
    ]),
    ...metricsOf('counter', requests, [
      'sglang:prompt_tokens_total',
      'sglang:generation_tokens_total',
      'sglang:cached_tokens_total',
      'sglang:num_requests_total',
      'sglang:num_aborted_requests_total',
    ]),
    ...metricsOf('histogram', scheduler, ['sglang:queue_time_seconds']),
    ...metricsOf('histogram', requests, [
      'sglang:time_to_first_token_seconds',
      'sglang:inter_token_latency_seconds',
      'sglang:e2e_request_latency_seconds',
    ]),
  ],
}
