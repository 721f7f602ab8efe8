/** Models on other servers behind the server's routes. */

import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFakeEngine } from '@hadal/engine'
import { createServer, type HadalServer, type ModelSource, type ServerOptions } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import { createUpstream, type UpstreamOptions } from '@hadal/upstream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chunksOf, eventually, metric, openStream, post, user } from './serving.ts'

interface Far {
  readonly url: string
  readonly requested: { readonly path: string; readonly body: Record<string, unknown>; left: boolean }[]
}

type Answer = (response: ServerResponse, body: Record<string, unknown>) => void

/** Another vendor's server. */
async function far(answer: Answer): Promise<Far> {
  const requested: Far['requested'] = []
  const read = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return void response.end('ok')
    let text = ''
    for await (const piece of request) text += piece
    const entry = { path: request.url!, body: JSON.parse(text), left: false }
    requested.push(entry)
    response.once('close', () => {
      entry.left = !response.writableFinished
    })
    answer(response, entry.body)
  }
  const server = createHttpServer((request, response) => void read(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requested }
}

interface Behind extends Partial<ServerOptions> {
  readonly upstream?: Partial<UpstreamOptions>
  readonly fallbacks?: readonly string[]
}

function serve(
  urls: readonly string[],
  { upstream: more, fallbacks = [], ...options }: Behind = {},
): HadalServer {
  const upstream = createUpstream({ id: 'far', replicas: urls, model: 'org/model', ...more })
  const source: ModelSource = { kind: 'upstream', id: 'far', aliases: ['there'], fallbacks, upstream }
  const server = createServer({ models: [source, ...(options.models ?? [])], ...withoutModels(options) })
  onTestFinished(async () => {
    await server.close()
    await upstream[Symbol.asyncDispose]()
  })
  return server
}

const withoutModels = ({ models: _, ...options }: Partial<ServerOptions>): Partial<ServerOptions> => options

const local: ModelSource = {
  kind: 'local',
  id: 'here',
  open: async () => createFakeEngine({ reply: 'I am here', model: { id: 'here' } }),
}

const chunk = (content: string, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }], ...more })}\n\n`
const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 4 },
}
const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })

describe('a model in another server', () => {
  it('answers a stream in the words it has, and its usage is counted', async () => {
    const telemetry = createTelemetry()
    const words = [chunk('Hé'), ': a comment\n\n', chunk('llo'), 'data: [DONE]\n\n']
    const { url, requested } = await far((response) => {
      events(response)
      for (const word of words.slice(0, 3)) response.write(word)
      response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`)
      response.end(words[3])
    })
    const server = serve([url], { telemetry })
    const { status, headers, body } = await post(server, '/v1/chat/completions', {
      model: 'there',
      stream: true,
      ...user('hi'),
      top_k: 5,
    })
    expect(status).toBe(200)
    expect(headers['content-type']).toContain('text/event-stream')
    expect(body).toBe(words.join(''))
    expect(requested[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { model: 'org/model', top_k: 5 },
    })
    expect(await metric(telemetry, 'vllm:prompt_tokens_total{model_name="far"}')).toBe(7)
    expect(await metric(telemetry, 'vllm:generation_tokens_total{model_name="far"}')).toBe(3)
    expect(await metric(telemetry, 'vllm:prefix_cache_hits_total{model_name="far"}')).toBe(4)
  })

  it('answers whole, embeds and ranks', async () => {
    const { url, requested } = await far((response) => response.end('{"object":"it","model":"org/model"}'))
    const server = serve([url])
    for (const path of [
      '/v1/chat/completions',
      '/v1/completions',
      '/v1/messages',
      '/v1/responses',
      '/v1/embeddings',
      '/rerank',
    ])
      expect(await post(server, path, { model: 'far', input: 'a' }), path).toMatchObject({
        status: 200,
        body: '{"object":"it","model":"org/model"}',
      })
    expect(requested.map(({ path }) => path)).toContain('/v1/embeddings')
    const { data } = (await server.inject('/v1/models')).json()
    expect(data[0]).toMatchObject({ id: 'far', aliases: ['there'], status: { value: 'elsewhere' } })
  })

  it('that refuses has its status and its words, in the form of the API that was asked', async () => {
    const { url } = await far((response) =>
      response.writeHead(400).end(JSON.stringify({ error: { message: 'too long', code: 'context_length' } })),
    )
    const server = serve([url], { models: [local], fallbacks: ['here'] })
    const openai = await post(server, '/v1/chat/completions', { model: 'far', ...user('hi') })
    expect(openai.status).toBe(400)
    expect(openai.json().error).toMatchObject({ code: 'upstream_refused' })
    expect(openai.body).toContain('too long')
    const anthropic = await post(server, '/v1/messages', { model: 'far', max_tokens: 5, ...user('hi') })
    expect(anthropic.status).toBe(400)
    expect(anthropic.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })

  it('that is away or busy is replaced by one that is here', async () => {
    const busy = await far((response) => response.writeHead(503).end('{}'))
    const server = serve([busy.url], { models: [local], fallbacks: ['here'], upstream: { retries: 1 } })
    const answer = await post(server, '/v1/chat/completions', { model: 'far', ...user('hi') })
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('I am here')
    expect(answer.headers['x-hadal-fallback']).toBe('here')
    const streamed = await post(server, '/v1/chat/completions', { model: 'far', stream: true, ...user('hi') })
    expect(chunksOf(streamed.body).at(-1)).toMatchObject({ model: 'here' })
  })

  it('that disconnects ends the stream with an error, and the output is not repeated', async () => {
    const { url } = await far((response) => {
      events(response).write(chunk('once'))
      setTimeout(() => response.destroy(), 50)
    })
    const server = serve([url], { models: [local], fallbacks: ['here'] })
    const { body } = await post(server, '/v1/chat/completions', { model: 'far', stream: true, ...user('hi') })
    expect(body.startsWith(chunk('once'))).toBe(true)
    expect(body).toContain('upstream_interrupted')
    expect(body).not.toContain('I am here')
  })

  it('is cancelled at once when its client leaves', async () => {
    const { url, requested } = await far((response) => void events(response).write(chunk('a')))
    const server = serve([url])
    const address = await server.listen()
    const socket = await openStream(address.url, { model: 'far', stream: true, ...user('hi') })
    socket.resume()
    await once(socket, 'data')
    socket.destroy()
    await eventually(() => expect(requested[0]!.left).toBe(true))
  })

  it('that takes long keeps its client’s connection alive', async () => {
    const { url } = await far((response) => setTimeout(() => response.end('{"late":true}'), 300))
    const server = serve([url], { limits: { keepAliveMillis: 50 } })
    const { body } = await post(server, '/v1/chat/completions', { model: 'far', ...user('hi') })
    expect(body).toMatch(/^\n+\{"late":true\}$/)
  })

  it('returns its timeline when requested', async () => {
    const { url } = await far((response) => {
      events(response).write(chunk('a', { usage }))
      response.end('data: [DONE]\n\n')
    })
    const server = serve([url])
    const requested = { model: 'far', stream: true, ...user('hi') }
    const { body } = await post(server, '/v1/chat/completions', requested, { 'x-hadal-timeline': '1' })
    const timeline = JSON.parse(/: x-hadal-timeline (.*)/.exec(body)![1]!)
    expect(timeline).toMatchObject({ model: 'far', upstream: url })
    const { requests } = (await server.inject('/hadal/timeline')).json()
    expect(requests.at(-1)).toMatchObject({ model: 'far', upstream: url, status: 200 })
  })
})
