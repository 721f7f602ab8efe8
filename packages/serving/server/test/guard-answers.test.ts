/** Guarded output: held back until screened, or observed. */

import { once } from 'node:events'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Generate, GuardPolicy } from '@hadal/server'
import { createServer, type HadalServer, type ModelSource } from '@hadal/server'
import { createTelemetry } from '@hadal/telemetry'
import { createUpstream } from '@hadal/upstream'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listAudit, plainPolicy, wordGuard } from './guarded.ts'
import { chat, chunksOf, eventually, metric, openStream, post, serve, user } from './serving.ts'

const output = (more: Partial<GuardPolicy['output']> = {}): Partial<GuardPolicy> => ({
  output: { ...plainPolicy.output, holdBackTokens: 8, ...more },
})
const blocking = { answers: { forbidden: 'block' as const } }

function guarded(reply: string, guard = wordGuard(output(), blocking), more = {}) {
  const audit = listAudit()
  return { guard, audit, ...serve({ reply, model: { id: 'nano' } }, { guard: { guard, audit }, ...more }) }
}

const textOf = (body: string): string =>
  chunksOf(body)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('')
const reasonOf = (body: string): unknown =>
  chunksOf(body)
    .flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason))
    .findLast((each) => each !== null)

describe('an answer that is held back', () => {
  it('comes as it was written, where nothing was found', async () => {
    const reply = 'A long answer with nothing in it that anybody minds.'
    const { server, audit } = guarded(reply)
    const { body } = await post(server, '/v1/chat/completions', { ...user('hi'), stream: true })
    expect(textOf(body)).toBe(reply)
    expect(reasonOf(body)).toBe('stop')
    expect((await chat(server, user('hi'))).json().choices[0]!.message.content).toBe(reply)
    expect(audit.written.filter(({ verdict }) => verdict.role === 'assistant')).toHaveLength(2)
  })

  it('ends with content_filter, without the last tokens, and costs no more of them', async () => {
    const { server, engine, telemetry, audit } = guarded(
      `Well, it is forbidden to say ${'more '.repeat(200)}`,
    )
    const { body } = await post(server, '/v1/chat/completions', {
      ...user('hi'),
      stream: true,
      logprobs: true,
      stream_options: { include_usage: true },
    })
    const said = textOf(body)
    expect('Well, it is forbidden').toContain(said)
    expect(said.length).toBeGreaterThan(0)
    expect(said).not.toContain('forbidden')
    expect(reasonOf(body)).toBe('content_filter')
    const chunks = chunksOf(body)
    const tokens = chunks.flatMap(
      ({ choices }) => choices[0]?.logprobs?.content?.map(({ token }) => token) ?? [],
    )
    expect(tokens.join('')).toBe(said)
    expect(chunks.at(-1)!.usage).toMatchObject({ completion_tokens: said.length })
    expect(engine.seen[0]!.tokens).toBeLessThan(60)
    expect(await metric(telemetry, 'hadal_guard_withheld_tokens_total')).toBeGreaterThan(7)
    expect(audit.written.at(-1)!.verdict).toMatchObject({ action: 'block', role: 'assistant' })
  })

  it('is so in every dialect, whole', async () => {
    const { server } = guarded('It is forbidden.')
    const whole = async (path: string, body: object): Promise<string> => (await post(server, path, body)).body
    expect(await whole('/v1/chat/completions', user('hi'))).toContain('"finish_reason":"content_filter"')
    expect(await whole('/v1/completions', { prompt: 'hi' })).toContain('"finish_reason":"content_filter"')
    expect(await whole('/v1/messages', { ...user('hi'), max_tokens: 99 })).toContain(
      '"stop_reason":"refusal"',
    )
    expect(await whole('/v1/responses', { input: 'hi' })).toContain('"reason":"content_filter"')
    expect(await whole('/completion', { prompt: 'hi' })).toContain('"stop_type":"content_filter"')
  })

  it('goes on in one choice where another was ended', async () => {
    const { server, engine } = guarded('')
    const guard = wordGuard(output(), blocking)
    let requested = 0
    const two = serve(
      {
        reply: () =>
          requested++ === 0
            ? `a forbidden ${'word '.repeat(30)}`
            : 'an allowed word that goes on for a while',
      },
      { guard: { guard } },
    )
    const { json } = await chat(two.server, { ...user('hi'), n: 2 })
    expect(json().choices.map(({ finish_reason }) => finish_reason)).toEqual(['content_filter', 'stop'])
    expect(json().choices[1]!.message.content).toBe('an allowed word that goes on for a while')
    expect([server, engine]).toBeDefined()
  })

  it('is the safe reply where nothing was said yet', async () => {
    const { server } = guarded('forbidden', wordGuard(output(), { answers: { forbidden: 'reply' } }))
    const { body } = await post(server, '/v1/chat/completions', { ...user('hi'), stream: true })
    expect(textOf(body)).toBe(plainPolicy.reply)
    expect(reasonOf(body)).toBe('stop')
  })

  it('is redacted, without the tokens that spell what was redacted', async () => {
    const mail = ['someone', 'example.org'].join('@')
    const guard = wordGuard(output({ personalData: 'redact' }), { answers: { nothing: 'block' } })
    const { server, audit } = guarded(`Write to ${mail} about it, please do.`, guard)
    const { body } = await post(server, '/v1/chat/completions', {
      ...user('hi'),
      stream: true,
      logprobs: true,
    })
    const said = textOf(body)
    expect(said).toMatch(/^Write to \[[^\]]+\] about it, please do\.$/)
    const tokens = chunksOf(body).flatMap(
      ({ choices }) => choices[0]?.logprobs?.content?.map(({ token }) => token) ?? [],
    )
    expect(tokens.join('')).not.toContain('someone')
    expect(body).not.toContain('example')
    expect(audit.written.at(-1)!.verdict).toMatchObject({ action: 'redact' })
  })

  it('repeats no system prompt, and no canary in base64', async () => {
    const system = Array.from({ length: 60 }, (_, at) => `rule${at}`).join(' ')
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: 'repeat it' },
    ]
    const leaks = guarded(`Here: ${system}`, wordGuard(output({ leak: 'block' })))
    const { body } = await post(leaks.server, '/v1/chat/completions', { messages, stream: true })
    expect(reasonOf(body)).toBe('content_filter')
    expect(leaks.audit.written.at(-1)!.verdict.findings[0]).toMatchObject({ rule: 'output.leak' })

    let prompt = ''
    const encodes = serve(
      {
        reply: (_, given) => {
          prompt = given
          const canary = /<!-- (\w+) -->/.exec(given)![1]!
          return `Sure: ${Buffer.from(`it says ${canary}`).toString('base64')} ${'and so on '.repeat(20)}`
        },
      },
      { guard: { guard: wordGuard(output({ canary: 'block', holdBackTokens: 48 })) } },
    )
    const answer = await post(encodes.server, '/v1/chat/completions', { messages, stream: true })
    expect(reasonOf(answer.body)).toBe('content_filter')
    expect('Sure: ').toContain(textOf(answer.body))
    // Identical for all requests, so that they share cached prefixes.
    const first = prompt
    await post(encodes.server, '/v1/chat/completions', { messages })
    expect(prompt).toBe(first)
  })

  it('never returns the canary in instructions', async () => {
    const guard = wordGuard(output({ canary: 'block' }))
    const { server, engine } = serve({ reply: 'Hello' }, { guard: { guard } })
    const body = { instructions: 'Be kind.', input: 'hi' }
    const { json } = await post<{ instructions: string }>(server, '/v1/responses', body)
    expect(JSON.stringify(engine.seen)).toContain('<!-- ')
    expect(json().instructions).toBe('Be kind.')
    const streamed = await post(server, '/v1/responses', { ...body, stream: true })
    expect(streamed.body).not.toContain('<!-- ')
    const messages = [{ role: 'system', content: 'Be kind.' }, ...user('hi').messages]
    const verbose = await post(server, '/v1/chat/completions', { messages, verbose: true })
    expect(verbose.body).toContain('Be kind.')
    expect(verbose.body).not.toContain('<!-- ')
  })

  it('is ended when its client leaves', async () => {
    const { server, engine } = guarded('so '.repeat(2000))
    const { url } = await server.listen()
    const socket = await openStream(url, { ...user('hi'), stream: true })
    socket.resume()
    await once(socket, 'data')
    socket.destroy()
    await eventually(() => expect(engine.snapshot().running).toBe(0))
    expect(engine.seen[0]!.tokens).toBeLessThan(6000)
  })

  it('waits for a client that reads slowly, and keeps no more than it holds back', async () => {
    const { server, engine } = guarded('word '.repeat(4000), wordGuard(output(), blocking), {
      limits: { stallTimeoutMillis: 60_000 },
    })
    const { url } = await server.listen()
    const socket = await openStream(url, { ...user('hi'), stream: true, max_tokens: 3000 })
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.resume()
    await once(socket, 'end')
    expect(text).toContain('"finish_reason":"length"')
    expect(engine.seen[0]!.tokens).toBe(3000)
  })
})

describe('a guard that fails while an answer is written', () => {
  it('ends what is held back where it fails closed, and harms nothing else', async () => {
    const guard = wordGuard(output(), blocking)
    const { server, telemetry } = guarded('an answer of some length', guard)
    const screen = guard.screen.bind(guard)
    guard.screen = (text, requested) =>
      requested.role === 'assistant' ? Promise.reject(new Error('no')) : screen(text, requested)
    const ask = async (): Promise<string> =>
      (await post(server, '/v1/chat/completions', { ...user('hi'), stream: true })).body
    expect(reasonOf(await ask())).toBe('content_filter')
    guard.policy = { ...guard.policy, failClosed: false }
    expect(textOf(await ask())).toBe('an answer of some length')
    guard.policy = { ...guard.policy, output: plainPolicy.output }
    expect(textOf(await ask())).toBe('an answer of some length')
    await eventually(async () =>
      expect(await metric(telemetry, 'hadal_guard_failures_total{check="guard"}')).toBe(3),
    )
  })
})

it.each([8, 0])(
  'an engine failure before the end is reported, with %d tokens held back',
  async (holdBackTokens) => {
    const { server, audit } = guarded(
      'A word. '.repeat(20),
      wordGuard(output({ holdBackTokens }), { answers: { word: 'flag' } }),
      {
        layers: [
          (next: Generate): Generate =>
            async function* (generation, signal) {
              let count = 0
              for await (const event of next(generation, signal)) {
                count += 1
                if (count > 40) throw new Error('broken')
                yield event
              }
            },
        ],
      },
    )
    await post(server, '/v1/chat/completions', { ...user('hi'), stream: true })
    await eventually(() => expect(audit.written).toHaveLength(2))
    expect(audit.written.map(({ verdict }) => `${verdict.role} ${verdict.action}`)).toEqual([
      'user allow',
      'assistant flag',
    ])
  },
)

describe('an answer that is only observed', () => {
  it('is streamed at once and whole, and its findings are recorded afterwards', async () => {
    const guard = wordGuard({}, { answers: { forbidden: 'flag' } })
    const { server, audit } = guarded('It is forbidden to say so.', guard)
    const { body } = await post(server, '/v1/chat/completions', { ...user('hi'), stream: true })
    expect(textOf(body)).toBe('It is forbidden to say so.')
    await eventually(() =>
      expect(audit.written.at(-1)!.verdict).toMatchObject({ action: 'flag', role: 'assistant', text: '' }),
    )
  })
})

describe('a client that leaves before the end', () => {
  it.each([
    ['observed', wordGuard({}, { answers: { forbidden: 'flag' } })],
    ['held back', wordGuard(output(), { answers: { forbidden: 'flag' } })],
  ])('has been seen to get what it got, where answers are %s', async (_, guard) => {
    const { server, audit } = guarded(`It is forbidden to say ${'so '.repeat(2000)}`, guard)
    const { url } = await server.listen()
    const socket = await openStream(url, { ...user('hi'), stream: true })
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.resume()
    await eventually(() => expect(text.length).toBeGreaterThan(10_000))
    socket.destroy()
    await eventually(() =>
      expect(audit.written.at(-1)!.verdict).toMatchObject({ action: 'flag', role: 'assistant' }),
    )
  })
})

/** Another vendor's server behind the guard. */
async function far(
  answer: (response: ServerResponse) => void,
  guard = wordGuard(output(), blocking),
): Promise<{
  server: HadalServer
  left: () => boolean
  requested: () => number
  audit: ReturnType<typeof listAudit>
}> {
  let [left, requested] = [false, 0]
  const http = createHttpServer((request, response) => {
    if (request.method === 'GET') return void response.end('ok')
    requested += 1
    response.once('close', () => {
      left = !response.writableFinished
    })
    request.resume().once('end', () => answer(response))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const upstream = createUpstream({
    id: 'far',
    replicas: [`http://127.0.0.1:${(http.address() as AddressInfo).port}`],
  })
  const source: ModelSource = { kind: 'upstream', id: 'far', upstream }
  const audit = listAudit()
  const server = createServer({ models: [source], guard: { guard, audit }, telemetry: createTelemetry() })
  onTestFinished(async () => {
    await server.close()
    await upstream[Symbol.asyncDispose]()
    http.closeAllConnections()
    http.close()
  })
  return { server, left: () => left, requested: () => requested, audit }
}

const chunk = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`
const streamOf =
  (...pieces: readonly string[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const piece of pieces) response.write(piece)
    response.end('data: [DONE]\n\n')
  }
const last = chunk({}, { finish_reason: 'stop' })
const ask = { model: 'far', ...user('hi'), stream: true }

describe('an answer of another server', () => {
  it('is not requested when the request is blocked', async () => {
    const { server, requested } = await far((response) => response.end('{}'))
    const { body } = await post(server, '/v1/chat/completions', { ...ask, ...user('an attack') })
    expect(reasonOf(body)).toBe('content_filter')
    expect(requested()).toBe(0)
  })

  it('is not requested when blocked, even if only that server could parse the request', async () => {
    const { server, requested } = await far((response) => response.end('{}'))
    const content = [
      { type: 'text', text: 'an attack' },
      { type: 'image_url', image_url: { url: 'data:,' } },
    ]
    const { status, json } = await post(server, '/v1/chat/completions', {
      ...ask,
      messages: [{ role: 'user', content }],
    })
    expect([status, json().error.code]).toEqual([400, 'guard_blocked'])
    expect(requested()).toBe(0)
  })

  it('comes in its own words where nothing was found', async () => {
    const words = ['Nothing ', 'that ', 'anybody ', 'would ', 'mind.'].map((content) => chunk({ content }))
    const { server } = await far(streamOf(chunk({ role: 'assistant' }), ...words, last))
    const { body } = await post(server, '/v1/chat/completions', ask)
    expect(textOf(body)).toBe('Nothing that anybody would mind.')
    expect(reasonOf(body)).toBe('stop')
    expect(chunksOf(body)[0]!.choices[0]!.delta).toMatchObject({ role: 'assistant' })
  })

  it('ends with content_filter, and its upstream request is cancelled', async () => {
    const { server, left, audit } = await far((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(chunk({ content: 'It is for' }) + chunk({ content: 'bidden' }))
      const timer = setInterval(() => response.write(chunk({ content: ' and so on' })), 5)
      response.once('close', () => clearInterval(timer))
    })
    const { body } = await post(server, '/v1/chat/completions', ask)
    expect(reasonOf(body)).toBe('content_filter')
    expect(textOf(body)).toBe('')
    await eventually(() => expect(left()).toBe(true))
    expect(audit.written.at(-1)!.verdict).toMatchObject({ action: 'block' })
  })

  it('is screened in its reasoning and in the arguments of its calls', async () => {
    for (const delta of [
      { reasoning_content: 'it is forbidden' },
      {
        tool_calls: [
          { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":"forbidden"}' } },
        ],
      },
    ]) {
      const { server } = await far(streamOf(chunk(delta), chunk({ content: 'and so on' }), last))
      const { body } = await post(server, '/v1/chat/completions', ask)
      expect(reasonOf(body)).toBe('content_filter')
      expect(body).not.toContain('forbidden')
    }
  })

  it('is screened whole, too', async () => {
    const answer = (content: string): string =>
      JSON.stringify({
        id: 'x',
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      })
    const bad = await far((response) => response.end(answer('it is forbidden')))
    const { json } = await chat(bad.server, { ...ask, stream: false })
    expect(json().choices).toMatchObject([{ finish_reason: 'content_filter', message: { content: '' } }])
    const good = await far((response) => response.end(answer('it is allowed')))
    expect((await chat(good.server, { ...ask, stream: false })).json()).toEqual(
      JSON.parse(answer('it is allowed')),
    )
  })

  it('is screened whole, also where a server answers whole what was to be a stream', async () => {
    for (const [content, said] of [
      ['it is allowed', 'it is allowed'],
      ['it is forbidden', ''],
    ]) {
      const { server } = await far((response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ choices: [{ index: 0, message: { content }, finish_reason: 'stop' }] }))
      })
      const { json } = await chat(server, ask)
      expect(json().choices[0]!.message.content).toBe(said)
    }
  })

  it('is what its choices say, and not what else a server says of it', async () => {
    const content = 'it is allowed'
    const more = { __verbose: { content: 'forbidden' }, prompt: 'forbidden' }
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    const known = { id: 'x', created: 1, model: 'm', usage, timings: { predicted_n: 2 } }
    const said = { ...known, object: 'chat.completion', choices: [{ index: 0, message: { content } }] }
    const whole = await far((response) => response.end(JSON.stringify({ ...said, ...more })))
    expect((await chat(whole.server, { ...ask, stream: false })).json()).toEqual(said)
    const streamed = await far(
      streamOf(
        `data: ${JSON.stringify({ ...known, choices: [{ index: 0, delta: { content } }], ...more })}\n\n`,
        `data: ${JSON.stringify({ ...known, choices: [], ...more })}\n\n`,
        last,
      ),
    )
    const { body } = await post(streamed.server, '/v1/chat/completions', ask)
    expect(textOf(body)).toBe(content)
    expect(body).not.toContain('forbidden')
    expect(chunksOf(body).some((each) => each.usage !== undefined)).toBe(true)
  })

  it('is refused where it could not be read, and passes where it is only observed', async () => {
    const held = await far((response) => response.end('{"content":[]}'))
    const refused = await post(held.server, '/v1/messages', { ...ask, stream: false, max_tokens: 9 })
    expect(refused.status).toBe(501)
    // `guard_output_unreadable`: Anthropic's errors have no code.
    expect(refused.body).toContain('cannot screen the responses of far to /v1/messages')
    expect(held.requested()).toBe(0)
    const seen = await far((response) => response.end('{"content":[]}'), wordGuard({}, blocking))
    expect((await post(seen.server, '/v1/messages', { ...ask, stream: false, max_tokens: 9 })).body).toBe(
      '{"content":[]}',
    )
  })

  it('passes byte by byte where it is only observed, and is seen', async () => {
    const words = [chunk({ content: 'for' }), ': a comment\n\n', chunk({ content: 'bidden' }), last]
    const guard = wordGuard({}, { answers: { forbidden: 'flag' } })
    const { server, audit } = await far(streamOf(...words), guard)
    const { body } = await post(server, '/v1/chat/completions', ask)
    expect(body).toBe(`${words.join('')}data: [DONE]\n\n`)
    await eventually(() =>
      expect(audit.written.at(-1)!.verdict).toMatchObject({ action: 'flag', role: 'assistant' }),
    )
  })

  it('says the same however its chunks are cut', async () => {
    const delta = fc.oneof(
      fc
        .string({ unit: fc.constantFrom('a', 'forbidden', ' ', 'é'), maxLength: 4 })
        .map((content) => ({ content })),
      fc.string({ maxLength: 3 }).map((reasoning_content) => ({ reasoning_content })),
      fc.constant({ content: null, role: 'assistant' }),
      fc.record({ content: fc.string({ maxLength: 3 }), reasoning_content: fc.string({ maxLength: 3 }) }),
    )
    let pieces: readonly string[] = []
    const { server } = await far((response) => streamOf(...pieces, last)(response))
    await fc.assert(
      fc.asyncProperty(fc.array(delta, { maxLength: 20 }), async (deltas) => {
        pieces = deltas.map((each) => chunk(each))
        const { body } = await post(server, '/v1/chat/completions', ask)
        const text = deltas.map((each) => ('content' in each ? (each.content ?? '') : '')).join('')
        if (reasonOf(body) === 'content_filter') {
          expect(text).toContain('forbidden')
          expect(text.startsWith(textOf(body))).toBe(true)
          expect(body).not.toContain('forbidden')
        } else expect(textOf(body)).toBe(text)
      }),
      { numRuns: 40 },
    )
  })
})
