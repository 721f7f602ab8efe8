/** A sleeping model behind the server's routes: clients wait and receive the expected time. */

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { ChatCompletion } from '@hadal/protocol'
import { createServer, defaultLimits, type HadalServer, type ModelSource } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import { createUpstream, type UpstreamOptions } from '@hadal/upstream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../../kernel/base/test/free-port.ts'
import { metric, post, user } from './serving.ts'

/** A port with no listener until `wake`. */
async function sleeper() {
  const port = await freePort()
  const server = createHttpServer((request, response) => {
    if (request.method === 'GET') return void response.end('ok')
    let text = ''
    request.on('data', (piece) => {
      text += piece
    })
    request.on('end', () => {
      if (JSON.parse(text).stream !== true)
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"choices":[{"index":0,"message":{"role":"assistant","content":"good morning"}}]}')
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"choices":[{"index":0,"delta":{"content":"good morning"}}]}\n\n')
      response.end('data: [DONE]\n\n')
    })
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${port}/v1`,
    wake: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}

function serve(url: string, options: Partial<UpstreamOptions> = {}, keepAliveMillis = 10_000) {
  const upstream = createUpstream({
    id: 'far',
    replicas: [url],
    healthIntervalMillis: 20,
    holdMillis: 60_000,
    wakeMillis: 45_000,
    ...options,
  })
  const source: ModelSource = { kind: 'upstream', id: 'far', upstream }
  const telemetry = createTelemetry()
  const server = createServer({
    models: [source],
    telemetry,
    limits: { ...defaultLimits, keepAliveMillis },
  })
  onTestFinished(async () => {
    await server.close()
    await upstream[Symbol.asyncDispose]()
  })
  const figure = (name: string): Promise<number> => metric(telemetry, `${name}{model_name="far"}`)
  return { server, figure }
}

type Figure = (name: string) => Promise<number>

const asking = { model: 'far', ...user('Good morning') }

const held = async (figure: Figure, count: number): Promise<void> => {
  await expect.poll(() => figure('hadal_upstream_held')).toBe(count)
}
const status = async (server: HadalServer) => {
  const { data } = (await server.inject({ url: '/v1/models' })).json()
  return data[0].status
}

describe('a model that sleeps', () => {
  it('leaves its gateway ready, and lists its ETA', async () => {
    const { server, figure } = serve((await sleeper()).url)
    await expect.poll(() => status(server)).toEqual({ value: 'elsewhere', asleep: true, eta_seconds: 45 })
    expect((await server.inject({ url: '/ready' })).statusCode).toBe(200)
    expect((await server.inject({ url: '/ready?model=far' })).statusCode).toBe(200)
    expect(await figure('hadal_upstream_wake_eta_seconds')).toBe(45)
  })

  it('answers who waited, and says for how long they did', async () => {
    const far = await sleeper()
    const { server, figure } = serve(far.url)
    const requested = post<ChatCompletion>(server, '/v1/chat/completions', asking)
    await held(figure, 1)
    expect(await figure('vllm:num_requests_waiting')).toBe(1)
    await far.wake()
    const answer = await requested
    expect(answer.json().choices[0]!.message.content).toBe('good morning')
    expect(Number(answer.headers['x-hadal-held-seconds'])).toBeGreaterThanOrEqual(0)
    expect(await figure('hadal_upstream_wakes_total')).toBe(1)
    expect(await figure('hadal_upstream_wake_eta_seconds')).toBe(0)
  })

  it('sends the ETA to a stream while it waits', async () => {
    const far = await sleeper()
    const { server, figure } = serve(far.url, {}, 20)
    const { url } = await server.listen()
    // The headers come with the first keep-alive.
    const stream = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...asking, stream: true }),
    })
    expect(Number(stream.headers.get('x-hadal-wake-eta-seconds'))).toBeGreaterThan(1)
    await held(figure, 1)
    await far.wake()
    const text = await stream.text()
    expect(text).toContain(': far wakes: likely to be there in ')
    expect(text).toContain('good morning')
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
  })

  it('is not waited for by those whose deadline_ms comes before, be it said in the body or in a header', async () => {
    const { server } = serve((await sleeper()).url)
    await expect.poll(() => status(server)).toMatchObject({ eta_seconds: 45 })
    const late = { status: 503, code: 'upstream_late' }
    const ask = async (body: object, headers?: Record<string, string>) => {
      const answer = await post(server, '/v1/chat/completions', { ...asking, ...body }, headers)
      return { status: answer.status, code: answer.json().error.code }
    }
    expect(await ask({ deadline_ms: 2000 })).toEqual(late)
    expect(await ask({}, { 'x-hadal-deadline-ms': '2000' })).toEqual(late)
  })

  it('that never comes is an error with the time to come back', async () => {
    const { server } = serve((await sleeper()).url, { holdMillis: 100 })
    const answer = await post(server, '/v1/chat/completions', asking)
    expect(answer.status).toBe(503)
    expect(answer.json().error).toMatchObject({ code: 'upstream_unavailable' })
    expect(answer.json().error.message).toMatch(
      /after [\d.]+ m?s of waiting, .* likely to be there in \d+\.\d s/,
    )
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(1)
  })
})
