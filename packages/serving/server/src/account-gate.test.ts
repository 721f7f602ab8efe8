/** Routes behind keys with limits, with scripted accounts. */

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { Accounts, AdmissionRequest, SettledUsage } from '@hadal/accounts'
import { HadalError } from '@hadal/base'
import { createFakeEngine } from '@hadal/engine'
import { createUpstream } from '@hadal/upstream'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { createServer, type HadalServer, type ServerOptions } from './create-server.ts'
import type { ModelSource } from './models/model-source.ts'

function serve(
  admit: Accounts['admit'],
  keepAliveMillis = 15_000,
  { engines = [createFakeEngine()], models = [] }: Pick<ServerOptions, 'engines' | 'models'> = {},
): HadalServer {
  const accounts: Accounts = {
    identify: async () => ({ id: 'key', name: 'key' }),
    admit,
    checkModel(_, model) {
      if (model === 'secret')
        throw HadalError.revive({ code: 'model_forbidden', status: 403, message: 'no', help: '' })
    },
    flush: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  const server = createServer({ engines, models, accounts, limits: { keepAliveMillis } })
  onTestFinished(() => server.close())
  return server
}

const post = (server: HadalServer, url: string, body: object) =>
  server.inject({
    method: 'POST',
    url,
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

it('what is refused after its connection was kept alive ends all the same', async () => {
  const server = serve(async () => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    throw HadalError.revive({ code: 'rate_limited', status: 429, message: 'too many', help: '' })
  }, 20)
  const messages = [{ role: 'user', content: 'hi' }]
  for (const stream of [false, true])
    expect((await post(server, '/v1/chat/completions', { messages, stream })).body).toContain('rate_limited')
  expect((await post(server, '/v1/embeddings', { input: 'hi' })).body).toContain('rate_limited')
})

it('admission counts the maximum tokens of a request, whichever field sets them', async () => {
  const admitted: AdmissionRequest[] = []
  const server = serve(async (_, request) => {
    admitted.push(request)
    return { headers: {}, settle() {}, [Symbol.dispose]() {} }
  })
  const most = async (body: object): Promise<number> => {
    await post(server, '/v1/completions', body)
    return admitted.at(-1)!.maxTokens
  }
  expect(await most({ prompt: 'a', max_tokens: 7 })).toBe(7)
  expect(await most({ prompt: 'a', max_tokens: 7, n: 2 })).toBe(14)
  expect(await most({ prompt: 'a', max_tokens: 7, best_of: 3 })).toBe(21)
  expect(await most({ prompt: 'a', max_tokens: 7, n_cmpl: 4 })).toBe(28)
  expect(await most({ prompt: ['a', 'b'], max_tokens: 7, n: 2 })).toBe(28)
  expect(await most({ prompt: [1, 2, 3], max_tokens: 7 })).toBe(7)
  expect(await most({ prompt: 'a', max_completion_tokens: 1, max_tokens: 9 })).toBe(9)
})

it('a tensor request is admitted by its size in bytes, even with a dynamic batch dimension', async () => {
  const admitted: AdmissionRequest[] = []
  const tensors = {
    inputs: [{ name: 'x', dtype: 'uint8', dims: ['batch', 2] }],
    outputs: [],
    batching: { kind: 'free', reason: 'for a test' },
    metadata: {},
    platform: 'onnxruntime_onnx',
  } as const
  const can = { generate: false, embed: false, rerank: false, infer: true }
  const engines = [createFakeEngine({ model: { id: 'pixels', tensors, can } })]
  const server = serve(
    async (_, request) => {
      admitted.push(request)
      return { headers: {}, settle() {}, [Symbol.dispose]() {} }
    },
    15_000,
    { engines },
  )
  const reply = await server.inject({
    method: 'POST',
    url: '/v2/models/pixels/infer',
    payload: Readable.from([Buffer.alloc(3000)]),
    headers: { 'inference-header-content-length': '0', 'transfer-encoding': 'chunked' },
  })
  expect([reply.statusCode, admitted[0]?.promptTokens]).toEqual([200, 1000])
})

it('a client that leaves an answer of another server pays for what it has read', async () => {
  const far = createHttpServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'.repeat(3))
  })
  await once(far.listen(0, '127.0.0.1'), 'listening')
  const replica = `http://127.0.0.1:${(far.address() as AddressInfo).port}`
  const upstream = createUpstream({ id: 'far', replicas: [replica], healthPath: null })
  onTestFinished(async () => {
    await upstream[Symbol.asyncDispose]()
    far.closeAllConnections()
    far.close()
  })
  const settled: SettledUsage[] = []
  const server = serve(
    async () => ({ headers: {}, settle: (usage) => void settled.push(usage), [Symbol.dispose]() {} }),
    15_000,
    { engines: [], models: [{ kind: 'upstream', id: 'far', upstream }] },
  )
  const { url } = await server.listen()
  const leaving = new AbortController()
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'far', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    signal: leaving.signal,
  })
  await answer.body!.getReader().read()
  leaving.abort()
  await eventually(() => expect(settled).toMatchObject([{ completionTokens: 3 }]))
  expect(settled[0]!.promptTokens).toBeGreaterThan(0)
})

it('a key loads no model that it may not use, whatever it asks of it', async () => {
  const opened: string[] = []
  const model = (id: string): ModelSource => ({
    kind: 'local',
    id,
    open: async () => {
      opened.push(id)
      return createFakeEngine({ model: { id } })
    },
  })
  const admit: Accounts['admit'] = async () => ({ headers: {}, settle() {}, [Symbol.dispose]() {} })
  const server = serve(admit, 15_000, { engines: [], models: [model('open'), model('secret')] })
  for (const [path, body] of [
    ['/tokenize', { content: 'a' }],
    ['/detokenize', { tokens: [97] }],
    ['/v1/messages/count_tokens', { messages: [{ role: 'user', content: 'hi' }] }],
    ['/v1/responses/input_tokens', { input: 'hi' }],
  ] as const) {
    expect((await post(server, path, { model: 'secret', ...body })).statusCode, path).toBe(403)
    expect((await post(server, path, { model: 'open', ...body })).statusCode, path).toBe(200)
  }
  expect(opened).toEqual(['open'])
})
