/** Metric names used by vLLM, llama-server and our dashboards: a panel with an unknown name would be empty. */

import { createFakeEngine } from '@hadal/engine'
import { type MetricSpec, metrics } from '@hadal/protocol'
import { createTelemetry } from '@hadal/telemetry'
import { expect, it, onTestFinished } from 'vitest'
import { createServer } from '../create-server.ts'

const vllm = [
  'num_requests_running',
  'num_requests_waiting',
  'kv_cache_usage_perc',
  'prompt_tokens_total',
  'generation_tokens_total',
  'request_success_total',
  'num_preemptions_total',
  'prefix_cache_queries_total',
  'prefix_cache_hits_total',
  'time_to_first_token_seconds',
  'inter_token_latency_seconds',
  'e2e_request_latency_seconds',
  'request_queue_time_seconds',
  'request_prefill_time_seconds',
  'request_decode_time_seconds',
  'iteration_tokens_total',
].map((name) => `vllm:${name}`)
const llamaServer = [
  'prompt_tokens_total',
  'tokens_predicted_total',
  'n_decode_total',
  'requests_processing',
  'requests_deferred',
  'n_busy_slots_per_decode',
].map((name) => `llamacpp:${name}`)

it('are all exported before the first request', async () => {
  const telemetry = createTelemetry()
  const server = createServer({ engines: [createFakeEngine()], telemetry })
  onTestFinished(() => server.close())
  await new Promise(setImmediate)
  const { payload } = await server.inject('/metrics')
  const names = new Set(payload.match(/^# TYPE \S+/gm)!.map((line) => line.slice('# TYPE '.length)))
  const own = Object.values<MetricSpec>(metrics).map(({ name }) => name)
  expect([...vllm, ...llamaServer, ...own].filter((name) => !names.has(name))).toEqual([])
  for (const name of vllm) expect(payload, name).toMatch(new RegExp(`^${name}(_sum)?{model_name="fake"`, 'm'))
  expect(payload).toContain('vllm:request_success_total{model_name="fake",finished_reason="stop"} 0')
})
