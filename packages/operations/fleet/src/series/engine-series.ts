/**
 * One quantity, one name: what each engine calls it in its metrics. Rules and dashboards ask here, so they hold for every engine;
 * the pinned lists alongside the rules prove that the names exist.
 */

import { metrics } from '@hadal/protocol'

/** Undefined is what an engine does not export. Histograms without `_bucket`. Every series has the label `model_name`. */
export interface EngineSeries {
  readonly running: string
  readonly waiting: string
  /** Share of cells in use, 0 to 1. */
  readonly kvUsage: string
  readonly promptTokens: string
  readonly generationTokens: string
  readonly firstToken: string
  readonly interToken: string
  readonly endToEnd: string
  readonly queueTime: string | undefined
  readonly prefillTime: string | undefined
  readonly decodeTime: string | undefined
  readonly stepTokens: string | undefined
  readonly finished: string | undefined
  readonly preemptions: string | undefined
  readonly prefixQueries: string | undefined
  readonly prefixHits: string | undefined
}

/** Ours are vLLM's, and of the same meaning. */
const vllm: EngineSeries = {
  running: metrics.requestsRunning.name,
  waiting: metrics.requestsWaiting.name,
  kvUsage: metrics.kvCacheUsage.name,
  promptTokens: metrics.promptTokens.name,
  generationTokens: metrics.generationTokens.name,
  firstToken: metrics.timeToFirstToken.name,
  interToken: metrics.interTokenLatency.name,
  endToEnd: metrics.endToEnd.name,
  queueTime: metrics.queueTime.name,
  prefillTime: metrics.prefillTime.name,
  decodeTime: metrics.decodeTime.name,
  stepTokens: metrics.iterationTokens.name,
  finished: metrics.finished.name,
  preemptions: metrics.preemptions.name,
  prefixQueries: metrics.prefixCacheQueries.name,
  prefixHits: metrics.prefixCacheHits.name,
}

const sglang: EngineSeries = {
  running: 'sglang:num_running_reqs',
  waiting: 'sglang:num_queue_reqs',
  kvUsage: 'sglang:token_usage',
  promptTokens: 'sglang:prompt_tokens_total',
  generationTokens: 'sglang:generation_tokens_total',
  firstToken: 'sglang:time_to_first_token_seconds',
  interToken: 'sglang:inter_token_latency_seconds',
  endToEnd: 'sglang:e2e_request_latency_seconds',
  queueTime: 'sglang:queue_time_seconds',
  prefillTime: undefined,
  decodeTime: undefined,
  stepTokens: undefined,
  finished: undefined,
  preemptions: undefined,
  prefixQueries: undefined,
  prefixHits: undefined,
}

export function engineSeries(kind: 'llama' | 'vllm' | 'sglang'): EngineSeries {
  return kind === 'sglang' ? sglang : vllm
}
