/** /metrics reflects server activity. */

import { describe, expect, it } from 'vitest'
import { chat, complete, metric, serve, user } from './serving.ts'

describe('/metrics', () => {
  it('is Prometheus text that moves with requests', async () => {
    const { server, telemetry } = serve({ reply: 'abc' })
    const { headers, payload } = await server.inject('/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    for (const line of payload.split('\n'))
      expect(line).toMatch(/^$|^# (HELP|TYPE) |^[a-z0-9_:]+(\{[^}]*\})? [-+.e\dNaInf]+$/)

    await chat(server, { ...user('hi'), stream: true, n: 2 })
    await complete(server, { prompt: 'hi', max_tokens: 2 })
    await chat(server, { model: 'gpt-9', ...user('hi') })
    const of = (name: string) => metric(telemetry, `${name}{model_name="fake"}`)
    expect(await of('vllm:generation_tokens_total')).toBe(3 + 3 + 2)
    expect(await of('vllm:time_to_first_token_seconds_count')).toBe(3)
    expect(await of('vllm:inter_token_latency_seconds_count')).toBe(2 + 2 + 1)
    expect(await of('vllm:e2e_request_latency_seconds_count')).toBe(3)
    expect(await of('vllm:iteration_tokens_total_count')).toBeGreaterThan(0)
    expect(await of('hadal_engine_ready')).toBe(1)
    expect(await of('hadal_max_batch_size')).toBe(8)
    const finished = (reason: string) =>
      metric(telemetry, `vllm:request_success_total{model_name="fake",finished_reason="${reason}"}`)
    expect(await finished('stop')).toBe(2)
    expect(await finished('length')).toBe(1)
    expect(await finished('error')).toBe(0)
    expect(await metric(telemetry, 'hadal_errors_total{code="model_not_found"}')).toBe(1)
    expect(
      await metric(telemetry, 'hadal_http_requests_total{route="/v1/chat/completions",status="200"}'),
    ).toBe(1)
    expect(
      await metric(telemetry, 'hadal_http_requests_total{route="/v1/chat/completions",status="404"}'),
    ).toBe(1)
  })

  it('counts a failed sequence as an error', async () => {
    const { server, engine, telemetry } = serve({ reply: 'x', contextLength: 10 })
    expect((await chat(server, user('a prompt longer than the context'))).status).toBe(400)
    expect(engine.seen).toHaveLength(1)
    const errors = 'vllm:request_success_total{model_name="fake",finished_reason="error"}'
    expect(await metric(telemetry, errors)).toBe(1)
    expect(await metric(telemetry, 'hadal_errors_total{code="context_length_exceeded"}')).toBe(1)
  })
})
