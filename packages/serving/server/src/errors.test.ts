/** Triggers every error this package declares through its public API. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { ManualClock } from '@hadal/base'
import { createFakeEngine, type Engine, type FakeEngineOptions } from '@hadal/engine'
import { createTelemetry } from '@hadal/telemetry'
import { createUpstream } from '@hadal/upstream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../kernel/base/test/eventually.ts'
import { createServer, type HadalServer, type ServerOptions } from './create-server.ts'
import * as errors from './errors.ts'
import type { ModelSource } from './models/model-source.ts'

type Outcome = readonly [code: string, status: number, message: string]

const serve = (options: Partial<ServerOptions> = {}, engineOptions: FakeEngineOptions = {}): HadalServer => {
  const server = createServer({ engines: [createFakeEngine(engineOptions)], ...options })
  onTestFinished(() => server.close())
  return server
}
const hi = { messages: [{ role: 'user', content: 'hi' }] }

async function post(
  server: HadalServer,
  body: unknown,
  path = '/v1/chat/completions',
  type = 'application/json',
): Promise<Outcome> {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const response = await server.inject({
    method: 'POST',
    url: path,
    payload,
    headers: { 'content-type': type },
  })
  return outcome(response)
}

const get = async (server: HadalServer, path: string): Promise<Outcome> => outcome(await server.inject(path))

/** llama-server's native routes use the status as `code` and put our code next to it. */
function outcome(response: { readonly statusCode: number; json(): unknown }): Outcome {
  const { error } = response.json() as { error: { code: string; reason?: string; message: string } }
  return [error.reason ?? error.code, response.statusCode, error.message]
}

async function send(server: HadalServer, bytes: string): Promise<Outcome> {
  const socket = connect((await server.listen()).port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (piece) => (answer += piece))
  socket.write(bytes)
  await once(socket, 'close')
  const { error } = JSON.parse(answer.split('\r\n\r\n')[1]!)
  return [error.code, Number(answer.split(' ')[1]), error.message]
}

const thrown = async (promise: Promise<unknown>): Promise<Outcome> => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  )
  return [error.code, error.status, error.message]
}

/** A disconnected client cannot receive the error, so it is checked in the metrics. */
async function counted(
  limits: Partial<ServerOptions['limits']>,
  leave: (socket: ReturnType<typeof connect>) => void,
): Promise<Outcome> {
  const telemetry = createTelemetry()
  const reply = 'x'.repeat(400_000)
  const server = serve({ telemetry, limits: { ...limits } }, { reply, contextLength: 1_000_000 })
  const socket = connect((await server.listen()).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.pause()
  const body = JSON.stringify({ ...hi, stream: true })
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  leave(socket)
  const count = async () => /hadal_errors_total\{code="(\w+)"\} 1/.exec((await telemetry.expose()).text)?.[1]
  const code = await eventually(async () => (await count()) ?? Promise.reject(new Error('none yet')))
  socket.destroy()
  return [code, 0, '']
}

const withGenerate = (generate: Engine['generate']): HadalServer =>
  serve({ engines: [{ ...createFakeEngine(), generate }] })

const open = async (): Promise<Engine> => {
  throw new Error('no such file')
}
const missing: ModelSource = { kind: 'local', id: 'missing', open }
const large: ModelSource = { kind: 'local', id: 'large', open, estimateBytes: async () => 3 * 1024 ** 3 }
const elsewhere: ModelSource = {
  kind: 'upstream',
  id: 'far',
  upstream: createUpstream({ id: 'far', replicas: ['http://127.0.0.1:9'], healthPath: null }),
}

const met: Readonly<Record<string, () => Promise<Outcome>>> = {
  invalid_request: () => post(serve(), {}),
  unknown_parameter: () => post(serve({ strictParameters: true }), { ...hi, mood: 'good' }),
  fim_unsupported: () => post(serve(), { input_prefix: 'a', input_suffix: 'b' }, '/infill'),
  unsupported_parameter: () => post(serve(), { ...hi, modalities: ['audio'] }),
  image_address_refused: () =>
    post(serve(), { input: { image: 'https://example.org/cat.png' } }, '/v1/embeddings'),
  malformed_json: () => post(serve(), '{"messages": [}'),
  invalid_utf8: () => post(serve(), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
  malformed_http: () => send(serve(), 'HELO mail.example\r\n\r\n'),
  unsupported_media_type: () => post(serve(), 'hi', '/v1/chat/completions', 'text/plain'),
  unsupported_content_encoding: () =>
    send(serve(), 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\ncontent-encoding: gzip\r\n\r\n'),
  body_too_large: () => post(serve({ limits: { maxBodyBytes: 10 } }), hi),
  headers_too_large: () =>
    send(serve(), `GET /health HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`),
  request_timeout: () =>
    send(serve({ limits: { headersTimeoutMillis: 100, connectionsCheckMillis: 20 } }), 'GET / HTTP/1.1\r\n'),
  invalid_api_key: () => post(serve({ apiKeys: ['sk-one'] }), hi),
  route_not_found: () => post(serve(), hi, '/v1/chat'),
  replicas_fixed: () => get(serve(), '/decisions'),
  response_not_stored: () => get(serve(), '/v1/responses/resp_1'),
  embedding_not_pooled: () =>
    post(serve({}, { model: { pooling: 'none' } }), { input: 'a' }, '/v1/embeddings'),
  slots_off: () => get(serve({ slots: false }), '/slots'),
  slot_actions_unsupported: () => post(serve(), {}, '/slots/0?action=save'),
  props_fixed: () => post(serve(), {}, '/props'),
  no_free_slot: () => {
    const engine = createFakeEngine()
    const busy = { slot: 0, id: 'chatcmpl-1', promptTokens: 1, computedTokens: 1, generatedTokens: 0 }
    const snapshot = (): ReturnType<Engine['snapshot']> => ({
      ...engine.snapshot(),
      maxBatchSize: 1,
      slots: [busy],
    })
    return get(serve({ engines: [{ ...engine, snapshot }] }), '/slots?fail_on_no_slot=1')
  },
  adapter_changes_off: () => post(serve(), { lora_name: 'a', lora_path: 'a.gguf' }, '/v1/load_lora_adapter'),
  model_not_found: () => post(serve(), { ...hi, model: 'gpt-9' }),
  model_loading: () => {
    const engine = createFakeEngine()
    const snapshot = (): ReturnType<Engine['snapshot']> => ({ ...engine.snapshot(), state: 'starting' })
    return get(serve({ engines: [{ ...engine, snapshot, ready: () => new Promise(() => {}) }] }), '/props')
  },
  model_elsewhere: () =>
    post(serve({ engines: [], models: [elsewhere] }), { model: 'far', content: 'a' }, '/tokenize'),
  model_load_failed: () => post(serve({ engines: [], models: [missing] }), hi),
  model_over_budget: () =>
    post(serve({ engines: [], models: [large], room: { budgetBytes: 1024 ** 3 } }), hi),
  model_pinned: () => post(serve(), { model: 'fake' }, '/models/unload'),
  server_draining: async () => {
    const server = serve({}, { clock: new ManualClock(), tokenMillis: 10 })
    const running = post(server, hi)
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
    void server.drain(0)
    return running
  },
  generation_interrupted: () =>
    post(
      withGenerate(async function* () {
        const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 0 }
        const timings = { queueMillis: 0, prefillMillis: 0, decodeMillis: 0 }
        yield { type: 'done', finishReason: 'cancelled', usage, timings }
      }),
      hi,
    ),
  internal_error: () => {
    const broken = withGenerate(() => {
      throw new Error('a secret of the server')
    })
    return post(broken, hi)
  },
  client_gone: () => counted({}, (socket) => socket.once('readable', () => socket.destroy())),
  reader_stalled: () => counted({ stallTimeoutMillis: 100 }, () => {}),
  port_in_use: async () => thrown(serve().listen({ port: (await serve().listen()).port })),
  listen_failed: () => thrown(serve({ allowKeyless: true }).listen({ host: '192.0.2.1', port: 8080 })),
}
const messages: Readonly<Record<string, RegExp>> = {
  invalid_request: /^messages is required\. /,
  unknown_parameter: /^unknown parameter: mood\. /,
  fim_unsupported: /^fake does not support fill-in-the-middle/,
  unsupported_parameter: /^modalities: "audio" is not supported/,
  slot_actions_unsupported: /cannot be saved/,
  image_address_refused: /^input\.image is a URL \(https\).*data:image\/png/,
  malformed_json: /Unexpected token/,
  body_too_large: /larger than 10 bytes/,
  invalid_api_key: /no API key was given.*Authorization: Bearer/,
  replicas_fixed: /does not scale its replicas.*--replicas auto/,
  route_not_found: /^no such route: POST \/v1\/chat.*\/v1/,
  model_not_found: /"gpt-9" is not served. Set "model" to "fake"/,
  model_load_failed: /^missing could not be loaded: no such file/,
  model_over_budget: /^large needs 3.0 GiB, and the memory budget has 1.0 GiB left/,
  model_elsewhere: /^"far" runs on another server/,
  internal_error: /^(?!.*secret)/,
  port_in_use: /port \d+ on 127\.0\.0\.1 is in use/,
  client_gone: /^$/,
  reader_stalled: /^$/,
  listen_failed: /192\.0\.2\.1/,
}

describe('every error of the server', () => {
  const specs = Object.values(errors).map((error) => error.spec)

  it('has a case here', () => {
    expect(Object.keys(met).sort()).toEqual(specs.map((spec) => spec.code).sort())
  })

  for (const spec of specs)
    it(`${spec.code} is met`, async () => {
      const [code, status, message] = await met[spec.code]!()
      expect(code).toBe(spec.code)
      if (status !== 0) expect(status).toBe(spec.status)
      expect(message).toMatch(messages[spec.code] ?? /./s)
    })
})
