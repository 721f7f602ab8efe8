import { ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { createTelemetry, type EngineSample, type Telemetry } from './telemetry.ts'

/** The exposition as `name{labels}` to value; throws on any line that is not of the text format. */
async function scrape(telemetry: Telemetry): Promise<Map<string, number>> {
  const { text } = await telemetry.expose()
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-z0-9_:]+ ./.test(line)) continue
    const match = /^([a-z0-9_:]+(?:\{(?:[a-z_]+="[^"]*",?)*\})?) (\S+)$/.exec(line)
    if (match === null || Number.isNaN(Number(match[2]))) throw new Error(`not a sample: ${line}`)
    samples.set(match[1]!, Number(match[2]))
  }
  return samples
}
const engine: EngineSample = {
  state: 'ready',
  running: 3,
  waiting: 2,
  maxBatchSize: 8,
  maxQueue: 64,
  kvCacheUsage: 0.25,
  restarts: 1,
}

describe('telemetry', () => {
  it('turns a sequence into the histograms and counters that dashboards know', async () => {
    const clock = new ManualClock()
    const telemetry = createTelemetry({ clock })
    const timeline = telemetry.startSequence('nano')
    clock.advance(90)
    timeline.tokens(1)
    clock.advance(20)
    timeline.tokens(2)
    timeline.finished({
      finishReason: 'stop',
      usage: { promptTokens: 10, cachedTokens: 4 },
      timings: { queueMillis: 50, prefillMillis: 40, decodeMillis: 20 },
    })
    const samples = await scrape(telemetry)
    const of = (name: string) => samples.get(`${name}{model_name="nano"}`)
    expect(of('vllm:time_to_first_token_seconds_sum')).toBeCloseTo(0.09)
    expect(samples.get('vllm:time_to_first_token_seconds_bucket{le="0.08",model_name="nano"}')).toBe(0)
    expect(samples.get('vllm:time_to_first_token_seconds_bucket{le="0.1",model_name="nano"}')).toBe(1)
    expect(of('vllm:inter_token_latency_seconds_sum')).toBeCloseTo(0.02)
    expect(of('vllm:inter_token_latency_seconds_count')).toBe(1)
    expect(of('vllm:e2e_request_latency_seconds_sum')).toBeCloseTo(0.11)
    expect(of('vllm:request_queue_time_seconds_sum')).toBeCloseTo(0.05)
    expect(of('vllm:request_prefill_time_seconds_sum')).toBeCloseTo(0.04)
    expect(of('vllm:request_decode_time_seconds_sum')).toBeCloseTo(0.02)
    expect(of('vllm:prompt_tokens_total')).toBe(10)
    expect(of('vllm:generation_tokens_total')).toBe(3)
    expect(of('vllm:prefix_cache_queries_total')).toBe(10)
    expect(of('vllm:prefix_cache_hits_total')).toBe(4)
    expect(samples.get('vllm:request_success_total{model_name="nano",finished_reason="stop"}')).toBe(1)
  })

  it('counts a cut sequence by its reason and keeps it out of the latency histograms', async () => {
    const telemetry = createTelemetry({ clock: new ManualClock() })
    const timeline = telemetry.startSequence('nano')
    timeline.tokens(5)
    timeline.cut('abort')
    const samples = await scrape(telemetry)
    expect(samples.get('vllm:request_success_total{model_name="nano",finished_reason="abort"}')).toBe(1)
    expect(samples.get('vllm:generation_tokens_total{model_name="nano"}')).toBe(5)
    expect(samples.get('vllm:e2e_request_latency_seconds_count{model_name="nano"}')).toBe(0)
  })

  it('reads engines when scraped, and stops after disposal', async () => {
    const telemetry = createTelemetry()
    let state = 'ready'
    const watch = telemetry.watchEngine('nano', () => ({ ...engine, state }))
    const first = await scrape(telemetry)
    expect(first.get('vllm:num_requests_running{model_name="nano"}')).toBe(3)
    expect(first.get('vllm:num_requests_waiting{model_name="nano"}')).toBe(2)
    expect(first.get('vllm:kv_cache_usage_perc{model_name="nano"}')).toBe(0.25)
    expect(first.get('hadal_engine_ready{model_name="nano"}')).toBe(1)
    expect(first.get('hadal_engine_restarts{model_name="nano"}')).toBe(1)
    expect(first.get('hadal_engine_replicas{model_name="nano"}')).toBe(1)
    expect(first.get('vllm:request_success_total{model_name="nano",finished_reason="length"}')).toBe(0)
    state = 'restarting'
    expect((await scrape(telemetry)).get('hadal_engine_ready{model_name="nano"}')).toBe(0)
    expect([...first.keys()].filter((name) => name.startsWith('hadal_start_seconds'))).toEqual([])
    watch[Symbol.dispose]()
    state = 'ready'
    expect((await scrape(telemetry)).has('hadal_engine_ready{model_name="nano"}')).toBe(false)
  })

  it('exports the phases of the last start only', async () => {
    const telemetry = createTelemetry()
    let start = { millis: 212, phases: { node: 67, warmUp: 20 } as Record<string, number> }
    const watch = telemetry.watchEngine('nano', () => ({ ...engine, state: 'ready', start }))
    const read = async (phase: string) =>
      (await scrape(telemetry)).get(`hadal_start_seconds{model_name="nano",phase="${phase}"}`)
    expect([await read('node'), await read('warmUp'), await read('all')]).toEqual([0.067, 0.02, 0.212])
    start = { millis: 100, phases: { node: 60 } }
    expect([await read('node'), await read('warmUp'), await read('all')]).toEqual([0.06, undefined, 0.1])
    watch[Symbol.dispose]()
    expect(await read('node')).toBeUndefined()
  })

  it('counts steps, answers, errors and dropped connections', async () => {
    const telemetry = createTelemetry()
    telemetry.step('nano', { decodeTokens: 6, prefillTokens: 32, running: 7, millis: 26 })
    telemetry.httpRequest('/v1/models', 200)
    telemetry.error('queue_full')
    telemetry.connectionDropped()
    telemetry.configReloaded('refused')
    const samples = await scrape(telemetry)
    expect(samples.get('vllm:iteration_tokens_total_sum{model_name="nano"}')).toBe(38)
    expect(samples.get('hadal_step_sequences_sum{model_name="nano"}')).toBe(7)
    expect(samples.get('hadal_step_duration_seconds_sum{model_name="nano"}')).toBe(0.026)
    expect(samples.get('hadal_http_requests_total{route="/v1/models",status="200"}')).toBe(1)
    expect(samples.get('hadal_errors_total{code="queue_full"}')).toBe(1)
    expect(samples.get('hadal_connections_dropped_total')).toBe(1)
    expect(samples.get('hadal_config_reloads_total{outcome="refused"}')).toBe(1)
    expect(samples.get('hadal_config_last_reload_successful')).toBe(0)
  })

  it('counts drafts and how many of their tokens were right', async () => {
    const telemetry = createTelemetry()
    const step = { decodeTokens: 9, prefillTokens: 0, running: 2, millis: 26 }
    telemetry.step('nano', step)
    const before = await scrape(telemetry)
    expect(before.get('vllm:spec_decode_num_drafts_total{model_name="nano"}')).toBe(0)
    telemetry.step('nano', { ...step, drafts: { count: 2, tokens: 7, accepted: 5 } })
    telemetry.step('nano', { ...step, drafts: { count: 1, tokens: 4, accepted: 0 } })
    const samples = await scrape(telemetry)
    expect(samples.get('vllm:spec_decode_num_drafts_total{model_name="nano"}')).toBe(3)
    expect(samples.get('vllm:spec_decode_num_draft_tokens_total{model_name="nano"}')).toBe(11)
    expect(samples.get('vllm:spec_decode_num_accepted_tokens_total{model_name="nano"}')).toBe(5)
  })

  it('distinguishes text passes from image passes', async () => {
    const telemetry = createTelemetry()
    const pass = { decodeTokens: 0, prefillTokens: 100, isPass: true, millis: 20 }
    telemetry.step('clip', { ...pass, running: 2, tower: 'image' })
    telemetry.step('clip', { ...pass, running: 7, tower: 'text' })
    telemetry.step('nano', { ...pass, running: 3 })
    const samples = await scrape(telemetry)
    expect(samples.get('hadal_clip_batch_inputs_sum{model_name="clip",encoder="image"}')).toBe(2)
    expect(samples.get('hadal_clip_batch_inputs_sum{model_name="clip",encoder="text"}')).toBe(7)
    expect(samples.get('hadal_clip_batch_seconds_sum{model_name="clip",encoder="image"}')).toBe(0.02)
    // The deprecated names have the same values.
    expect(samples.get('hadal_tower_pass_inputs_sum{model_name="clip",tower="text"}')).toBe(7)
    expect(samples.get('hadal_tower_pass_seconds_bucket{le="0.02",model_name="clip",tower="image"}')).toBe(1)
    expect(
      [...samples.keys()].filter((name) => /hadal_(?:clip|tower)/.test(name) && name.includes('nano')),
    ).toEqual([])
  })

  it('exports the loaded models, their load counts and unload reasons', async () => {
    const telemetry = createTelemetry()
    telemetry.modelServed('nano')
    const before = await scrape(telemetry)
    expect(before.get('hadal_model_loaded{model_name="nano"}')).toBe(0)
    expect(before.get('hadal_model_loads_total{model_name="nano"}')).toBe(0)
    telemetry.modelLoaded('nano', 700)
    telemetry.modelServed('nano')
    const watch = telemetry.watchEngine('nano', () => engine)
    expect((await scrape(telemetry)).get('hadal_model_loaded{model_name="nano"}')).toBe(1)
    watch[Symbol.dispose]()
    telemetry.modelUnloaded('nano', 'idle')
    telemetry.modelLoaded('nano', 300)
    telemetry.modelUnloaded('nano', 'memory')
    const after = await scrape(telemetry)
    expect(after.get('hadal_model_loaded{model_name="nano"}')).toBe(0)
    expect(after.get('hadal_model_loads_total{model_name="nano"}')).toBe(2)
    expect(after.get('hadal_model_unloads_total{model_name="nano",reason="idle"}')).toBe(1)
    expect(after.get('hadal_model_unloads_total{model_name="nano",reason="memory"}')).toBe(1)
    expect(after.get('hadal_model_load_seconds_sum{model_name="nano"}')).toBe(1)
    telemetry.modelRemoved('nano')
    expect((await scrape(telemetry)).has('hadal_model_loaded{model_name="nano"}')).toBe(false)
  })

  it('exposes the process itself when asked', async () => {
    expect((await createTelemetry({ processMetrics: true }).expose()).text).toContain(
      'process_cpu_seconds_total',
    )
    expect((await createTelemetry().expose()).text).not.toContain('process_cpu_seconds_total')
  })
})
