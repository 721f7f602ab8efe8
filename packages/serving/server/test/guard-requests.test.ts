/** Screened requests in every dialect: blocked requests cost a model nothing. */

import { ManualClock } from '@hadal/base'
import { createFakeEngine } from '@hadal/engine'
import { SseDecoder } from '@hadal/protocol'
import { createServer, type HadalServer, type ModelSource, type ServerOptions } from '@hadal/server'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { listAudit, plainPolicy, type WordGuard, wordGuard } from './guarded.ts'
import { mutated } from './scripted.ts'
import { chat, chunksOf, metric, post, serve, user } from './serving.ts'

function guarded(guard: WordGuard = wordGuard(), more: Parameters<typeof serve>[1] = {}) {
  const audit = listAudit()
  return { guard, audit, ...serve({ reply: 'Hello' }, { guard: { guard, audit }, ...more }) }
}

type Body = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: answers of five APIs, looked into.
type Answer = any
interface DialectCase {
  readonly path: string
  readonly asking: (text: string) => Body
  /** End of a complete response. */
  readonly end: (answer: Answer) => { reason: unknown; text: unknown; tokens: unknown }
  readonly blocked: string
  readonly ended: string
}

const openaiUsage = (answer: Answer) => answer.usage.total_tokens
const dialects: readonly DialectCase[] = [
  {
    path: '/v1/chat/completions',
    asking: (text) => user(text),
    end: (answer) => ({
      reason: answer.choices[0].finish_reason,
      text: answer.choices[0].message.content,
      tokens: openaiUsage(answer),
    }),
    blocked: 'content_filter',
    ended: 'stop',
  },
  {
    path: '/beta/chat/completions',
    asking: (text) => user(text),
    end: (answer) => ({
      reason: answer.choices[0].finish_reason,
      text: answer.choices[0].message.content,
      tokens: openaiUsage(answer),
    }),
    blocked: 'content_filter',
    ended: 'stop',
  },
  {
    path: '/v1/completions',
    asking: (text) => ({ prompt: text }),
    end: (answer) => ({
      reason: answer.choices[0].finish_reason,
      text: answer.choices[0].text,
      tokens: openaiUsage(answer),
    }),
    blocked: 'content_filter',
    ended: 'stop',
  },
  {
    path: '/v1/messages',
    asking: (text) => ({ ...user(text), max_tokens: 9 }),
    end: (answer) => ({
      reason: answer.stop_reason,
      text: answer.content.map((each: { text: string }) => each.text).join(''),
      tokens: answer.usage.input_tokens + answer.usage.output_tokens,
    }),
    blocked: 'refusal',
    ended: 'end_turn',
  },
  {
    path: '/v1/responses',
    asking: (text) => ({ input: text }),
    end: (answer) => ({
      reason: answer.incomplete_details?.reason ?? answer.status,
      text: answer.output.flatMap((item: Answer) => item.content.map((part: Answer) => part.text)).join(''),
      tokens: answer.usage.total_tokens,
    }),
    blocked: 'content_filter',
    ended: 'completed',
  },
  {
    path: '/completion',
    asking: (text) => ({ prompt: text }),
    end: (answer) => ({
      reason: answer.stop_type,
      text: answer.content,
      tokens: answer.tokens_predicted + answer.tokens_evaluated,
    }),
    blocked: 'content_filter',
    ended: 'eos',
  },
  {
    path: '/infill',
    asking: (text) => ({ input_prefix: text, input_suffix: '' }),
    end: (answer) => ({
      reason: answer.stop_type,
      text: answer.content,
      tokens: answer.tokens_predicted + answer.tokens_evaluated,
    }),
    blocked: 'content_filter',
    ended: 'eos',
  },
]

describe.each(dialects)('POST $path', ({ path, asking, end, blocked, ended }) => {
  it('that is blocked is answered with nothing, whole, and reaches no engine', async () => {
    const { server, engine, audit } = guarded()
    const { status, headers, json } = await post<Answer>(server, path, asking('an attack'))
    expect(status).toBe(200)
    expect(headers['x-hadal-guard']).toBe('blocked')
    expect(headers['x-request-id']).toBe(audit.written[0]!.requestId)
    expect(end(json())).toEqual({ reason: blocked, text: '', tokens: 0 })
    expect(engine.seen).toEqual([])
  })

  it('that is blocked is answered with nothing, streamed, and reaches no engine', async () => {
    const { server, engine } = guarded()
    const { status, headers, body } = await post(server, path, { ...asking('an attack'), stream: true })
    expect(status).toBe(200)
    expect(headers['x-hadal-guard']).toBe('blocked')
    expect(headers['content-type']).toContain('text/event-stream')
    const events = new SseDecoder().push(body).map(({ data }) => data)
    expect(events.filter((data) => data.includes(`"${blocked}"`)).length).toBeGreaterThan(0)
    expect(engine.seen).toEqual([])
  })

  it('that gets a safe reply is answered with that, as if a model had said it', async () => {
    const { server, engine } = guarded()
    const whole = await post<Answer>(server, path, asking('a tricky one'))
    expect(whole.headers['x-hadal-guard']).toBeUndefined()
    expect(end(whole.json())).toEqual({ reason: ended, text: plainPolicy.reply, tokens: 0 })
    const { body } = await post(server, path, { ...asking('a tricky one'), stream: true })
    expect(body).toContain(plainPolicy.reply)
    expect(engine.seen).toEqual([])
  })

  it('that is redacted or flagged reaches the engine, as far as it may', async () => {
    const { server, engine } = guarded()
    const redacted = await post(server, path, asking('my card is 4111, odd'))
    expect(redacted.status).toBe(path === '/infill' ? 501 : 200)
    expect(redacted.headers['x-hadal-guard']).toBe('redacted')
    if (path === '/infill') return
    expect(engine.seen[0]!.prompt).toContain('my card is [card], odd')
    const flagged = await post(server, path, { ...asking('an odd one'), stream: true })
    expect(flagged.headers['x-hadal-guard']).toBeUndefined()
    expect(engine.seen[1]!.prompt).toContain('an odd one')
    const plain = await post(server, path, asking('hi'))
    expect(plain.headers['x-hadal-guard']).toBeUndefined()
    expect(engine.seen).toHaveLength(3)
  })

  it('that is blocked is an error where the policy says so, in its own words', async () => {
    const { server, engine } = guarded(wordGuard({ blockAs: 'error' }))
    const { status, body } = await post(server, path, asking('an attack'))
    expect(status).toBe(400)
    expect(body).toContain('the content policy of this service blocked the request')
    expect(engine.seen).toEqual([])
  })

  it('does not tell callers the reason', async () => {
    const { server } = guarded()
    const { body, headers } = await post(server, path, asking('an attack'))
    for (const word of ['suspicion', 'rules', 'a word', 'words'])
      expect(body + JSON.stringify(headers)).not.toContain(word)
  })

  it('with a body that is wrong is refused as without a guard', async () => {
    const { server } = guarded()
    for (const body of [
      null,
      [],
      7,
      { messages: 3, prompt: {}, input: 5, input_prefix: null },
      { messages: [null, { content: [4] }] },
    ]) {
      const { status } = await post(server, path, JSON.stringify(body))
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
    }
  })
})

describe('a guard that finds nothing', () => {
  const [plain, watched] = [serveBoth(undefined), serveBoth({ guard: wordGuard() })]

  it.each(dialects)('changes no answer of POST $path, whatever the body', async ({ path, asking }) => {
    const body = {
      ...asking('hi'),
      stream: false,
      tools: [{ name: 'f', description: 'd' }],
      n: 1,
      stop: ['x'],
    }
    await fc.assert(
      fc.asyncProperty(mutated(body), async (changed) => {
        const ask = (server: HadalServer) => post<Answer>(server, path, JSON.stringify(changed))
        const [without, within] = [await ask(plain()), await ask(watched())]
        expect(within.status).toBe(without.status)
        if (without.status >= 400) expect(withoutIds(within.body)).toBe(withoutIds(without.body))
      }),
      { numRuns: 60 },
    )
  })
})

const withoutIds = (body: string): string => body.replaceAll(/req-[\w-]+/g, '')

function serveBoth(guard: ServerOptions['guard']): () => HadalServer {
  let server: HadalServer
  beforeAll(() => {
    server = createServer({
      engines: [createFakeEngine({ reply: 'Hello', model: { id: 'fake' } })],
      ...(guard !== undefined && { guard }),
    })
  })
  afterAll(() => server.close())
  return () => server
}

describe('a guard', () => {
  it('reads each text with the role of its author', async () => {
    const { server, guard } = guarded()
    await chat(server, {
      messages: [
        { role: 'developer', content: 'rules' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'one' },
            { type: 'text', text: 'two' },
          ],
        },
        { role: 'assistant', content: 'an attack that was said' },
        { role: 'tool', tool_call_id: 'x', content: 'a page' },
        { role: 'user', content: 'three' },
      ],
    })
    expect(guard.screened.map(({ role, text }) => `${role}: ${text}`)).toEqual([
      'system: rules',
      'user: one',
      'user: two',
      'tool: a page',
      'user: three',
      'user: one\ntwo',
      'user: onetwo',
    ])
  })

  it('finds what is split over parts, over messages, and what stands in an earlier one', async () => {
    const { server, engine, guard } = guarded()
    const blocked = async (messages: unknown) =>
      (await chat(server, { messages })).headers['x-hadal-guard'] === 'blocked'
    expect(
      await blocked([
        { role: 'user', content: 'an attack' },
        { role: 'assistant', content: 'no' },
        { role: 'user', content: 'hi' },
      ]),
    ).toBe(true)
    expect(
      await blocked([
        { role: 'tool', tool_call_id: 'x', content: 'an attack' },
        { role: 'user', content: 'hi' },
      ]),
    ).toBe(true)
    expect(guard.screened.some(({ role }) => role === 'tool')).toBe(true)
    const parts = ['two', 'parts']
    expect(await blocked([{ role: 'user', content: parts.map((text) => ({ type: 'text', text })) }])).toBe(
      true,
    )
    expect(await blocked(parts.map((content) => ({ role: 'user', content })))).toBe(true)
    expect(
      (await post(server, '/v1/completions', { prompt: parts })).headers['x-hadal-guard'],
    ).toBeUndefined()
    expect(engine.seen).toHaveLength(2)
  })

  it('finds what is split within words, where an API puts parts together without a space', async () => {
    const { server } = guarded()
    const content = ['an att', 'ack'].map((text) => ({ type: 'input_text', text }))
    const { headers } = await post(server, '/v1/responses', { input: [{ role: 'user', content }] })
    expect(headers['x-hadal-guard']).toBe('blocked')
  })

  it('screens nothing more for a client that has left', async () => {
    const { server, guard, audit } = guarded()
    const { url } = await server.listen()
    const left = new AbortController()
    const screen = guard.screen.bind(guard)
    const texts = Array.from({ length: 50 }, (_, at) => `text ${at}`)
    guard.screen = async (text, options) => {
      if (text === 'text 1') left.abort()
      // Waits until the disconnect is noticed.
      await new Promise((resolve) => setTimeout(resolve, 20))
      return screen(text, options)
    }
    const body = { messages: texts.map((content) => ({ role: 'user', content })) }
    const requested = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      signal: left.signal,
    })
    await expect(requested).rejects.toThrow()
    await server.drain(60_000)
    expect(guard.screened.length).toBeLessThan(40)
    expect(audit.written.length).toBe(guard.screened.length)
  })

  it('reads joined what goes on, so that what was redacted is found once', async () => {
    const { server, guard } = guarded()
    const content = ['my card is 4111.', 'and yours?'].map((text) => ({ type: 'text', text }))
    await chat(server, { messages: [{ role: 'user', content }] })
    expect(guard.screened.map(({ text }) => text)).toEqual([
      'my card is 4111.',
      'and yours?',
      'my card is [card].\nand yours?',
    ])
  })

  it('screens of a conversation only what is new', async () => {
    const { server, guard } = guarded()
    const messages = [{ role: 'user', content: 'my card is 4111' }]
    await chat(server, { messages })
    const said = [...messages, { role: 'assistant', content: 'Hello' }, { role: 'user', content: 'and now?' }]
    const { headers } = await chat(server, { messages: said })
    expect(guard.screened.map(({ text }) => text)).toEqual(['my card is 4111', 'and now?'])
    expect(headers['x-hadal-guard']).toBe('redacted')
  })

  it('that changes screens again what it let through', async () => {
    const { server, guard } = guarded()
    await chat(server, user('hi'))
    server.change({ guard: { guard } })
    await chat(server, user('hi'))
    expect(guard.screened).toHaveLength(2)
    server.change({ guard: null })
    expect((await chat(server, user('an attack'))).json().choices[0]!.message.content).toBe('Hello')
  })

  it('screens again what another policy let through, also while that changes', async () => {
    const { server, guard } = guarded()
    const screen = guard.screen.bind(guard)
    guard.screen = async (text, options) => {
      const verdict = await screen(text, options)
      guard.policy = { ...plainPolicy }
      return verdict
    }
    await chat(server, user('hi'))
    await chat(server, user('hi'))
    expect(guard.screened).toHaveLength(2)
  })

  it('learns what was let through some minutes ago', async () => {
    const clock = new ManualClock()
    const { server, guard } = guarded(wordGuard(), { clock })
    const ask = async () => (await chat(server, user('hi'))).status
    await ask()
    await clock.advance(200_000)
    await ask()
    expect(guard.screened).toHaveLength(1)
    await clock.advance(100_000)
    await ask()
    expect(guard.screened).toHaveLength(2)
  })

  it('loads no model for what it stops', async () => {
    let loads = 0
    const model: ModelSource = {
      kind: 'local',
      id: 'late',
      open: async () => {
        loads += 1
        return createFakeEngine({ model: { id: 'late' } })
      },
    }
    const server = createServer({ models: [model], guard: { guard: wordGuard() } })
    onTestFinished(() => server.close())
    const { status, json } = await chat(server, { model: 'late', ...user('an attack') })
    expect(status).toBe(200)
    expect(json()).toMatchObject({ model: 'late', choices: [{ finish_reason: 'content_filter' }] })
    expect(loads).toBe(0)
    await chat(server, { model: 'late', ...user('hi') })
    expect(loads).toBe(1)
  })

  it('fills every requested choice', async () => {
    const { server } = guarded()
    const { json } = await chat(server, { n: 3, ...user('an attack') })
    expect(json().choices.map(({ finish_reason }) => finish_reason)).toEqual(Array(3).fill('content_filter'))
    const { body } = await post(server, '/v1/completions', { prompt: ['hi', 'an attack'], stream: true })
    expect(chunksOf<Answer>(body).map(({ choices }) => choices[0].index)).toEqual([0, 1])
  })

  it('cannot read tokens, and refuses them where its policy says so', async () => {
    const { server, engine, guard } = guarded()
    expect((await post(server, '/v1/completions', { prompt: [104, 105] })).status).toBe(200)
    guard.policy = { ...plainPolicy, tokenPrompts: 'refuse' }
    for (const prompt of [
      [104, 105],
      [[104], [105]],
      ['a', [104]],
    ]) {
      const { status, json } = await post(server, '/v1/completions', { prompt })
      expect(status).toBe(400)
      expect(json().error.code).toBe('guard_tokens_unreadable')
    }
    expect((await post(server, '/completion', { prompt: ['a', 104] })).body).toContain(
      'guard_tokens_unreadable',
    )
    expect(engine.seen).toHaveLength(1)
  })

  it('that fails lets nothing through, unless its policy says so', async () => {
    const { server, engine, guard, telemetry } = guarded()
    guard.issue = new Error('no weights')
    const closed = await post(server, '/v1/chat/completions', user('hi'))
    expect(closed.status).toBe(503)
    expect(closed.json().error.code).toBe('guard_failed')
    expect(closed.body).not.toContain('no weights')
    expect(engine.seen).toEqual([])
    guard.policy = { ...plainPolicy, failClosed: false }
    expect((await chat(server, user('hi'))).status).toBe(200)
    expect(await metric(telemetry, 'hadal_guard_failures_total{check="guard"}')).toBe(2)
  })

  it('that cannot watch answers lets nothing through either, and says nothing of why', async () => {
    const { server, engine, guard } = guarded()
    guard.stepsFor = () => {
      throw new Error('/etc/guard/weights cannot be read')
    }
    const closed = await post(server, '/v1/chat/completions', user('hi'))
    expect([closed.status, closed.json().error.code]).toEqual([503, 'guard_failed'])
    expect(closed.body).not.toContain('weights')
    expect(engine.seen).toEqual([])
    guard.policy = { ...plainPolicy, failClosed: false }
    expect((await chat(server, user('hi'))).status).toBe(200)
  })

  it('locks out who tries too often, says for how long, and forgets', async () => {
    const clock = new ManualClock()
    const guard = wordGuard({}, { hasBudget: true })
    const { server, telemetry } = guarded(guard, { clock, apiKeys: ['one', 'two'], adminKeys: ['boss'] })
    const ask = (key: string, text: string) =>
      post(server, '/v1/chat/completions', user(text), { authorization: `Bearer ${key}` })
    for (let at = 0; at < 3; at += 1) expect((await ask('one', `attack ${at}`)).status).toBe(200)
    const before = guard.screened.length
    const locked = await ask('one', 'hi')
    expect(locked.status).toBe(429)
    expect(locked.body).toContain('guard_locked_out')
    expect(locked.headers['retry-after']).toBe('60')
    expect(guard.screened).toHaveLength(before)
    expect((await ask('two', 'hi')).status).toBe(200)
    expect(await metric(telemetry, 'hadal_guard_locked_keys')).toBe(1)
    await clock.advance(59_000)
    expect((await ask('one', 'hi')).headers['retry-after']).toBe('1')
    await clock.advance(1_001)
    expect((await ask('one', 'hi')).status).toBe(200)
  })

  it('locks out by address when no keys are configured, whatever key is sent', async () => {
    const guard = wordGuard({}, { hasBudget: true })
    const { server } = guarded(guard, { trustProxy: ['loopback'], clock: new ManualClock() })
    const ask = (address: string, key: string) =>
      post(server, '/v1/chat/completions', user('attack'), {
        'x-forwarded-for': address,
        authorization: `Bearer ${key}`,
      })
    for (const key of ['a', 'b', 'c']) expect((await ask('2001:db8::1', key)).status).toBe(200)
    expect((await ask('2001:db8::1', 'd')).status).toBe(429)
    // IPv6 addresses count by network.
    expect((await ask('2001:DB8:0::ffff:2', 'e')).status).toBe(429)
    expect((await ask('2001:db8:1::1', 'a')).status).toBe(200)
    expect((await ask('192.0.2.1', 'a')).status).toBe(200)
    expect(new Set(guard.screened.map(({ key }) => key))).toEqual(new Set(['']))
  })

  it('is administered by administrators alone', async () => {
    const clock = new ManualClock()
    const guard = wordGuard({}, { hasBudget: true })
    const { server } = guarded(guard, { clock, apiKeys: ['one'], adminKeys: ['boss'] })
    const one = { authorization: 'Bearer one' }
    const boss = { authorization: 'Bearer boss' }
    for (let at = 0; at < 3; at += 1) await post(server, '/v1/chat/completions', user('attack'), one)
    for (const url of ['/hadal/guard/verdicts', '/hadal/guard/locked'])
      expect((await server.inject({ url, headers: one })).statusCode).toBe(403)
    const verdicts = (
      await server.inject({ url: '/hadal/guard/verdicts?action=block&limit=2', headers: boss })
    ).json()
    expect(verdicts.verdicts).toHaveLength(2)
    expect(verdicts.verdicts[0].verdict).toMatchObject({ action: 'block' })
    const { locked } = (await server.inject({ url: '/hadal/guard/locked', headers: boss })).json()
    expect(locked).toEqual([{ caller: expect.any(String), seconds: 60 }])
    const unlocked = await post(server, '/hadal/guard/unlock', { caller: locked[0].caller }, boss)
    expect(unlocked.body).toBe('{"unlocked":true}')
    expect((await post(server, '/v1/chat/completions', user('hi'), one)).status).toBe(200)
    expect((await server.inject({ url: '/hadal/guard/verdicts?limit=x', headers: boss })).statusCode).toBe(
      400,
    )
    for (const query of [
      'key=a&key=b',
      'layer=a&layer=b',
      'request=a&request=b',
      'limit=1&limit=2',
      'since=',
    ])
      expect(
        (await server.inject({ url: `/hadal/guard/verdicts?${query}`, headers: boss })).statusCode,
        query,
      ).toBe(400)
    server.change({ guard: null })
    const off = await server.inject({ url: '/hadal/guard/verdicts', headers: boss })
    expect([off.statusCode, off.json().error.code]).toEqual([404, 'guard_audit_off'])
  })

  it('is counted, by action, role and layer', async () => {
    const { server, telemetry, audit } = guarded()
    await chat(server, user('an attack'))
    await chat(server, {
      messages: [
        { role: 'system', content: 'be nice' },
        { role: 'user', content: 'hi' },
      ],
    })
    expect(await metric(telemetry, 'hadal_guard_verdicts_total{action="block",role="user"}')).toBe(1)
    expect(await metric(telemetry, 'hadal_guard_verdicts_total{action="allow",role="system"}')).toBe(1)
    expect(await metric(telemetry, 'hadal_guard_findings_total{layer="rules",action="block"}')).toBe(1)
    expect(await metric(telemetry, 'hadal_guard_seconds_count{layer="rules"}')).toBe(3)
    expect(audit.written.map(({ verdict }) => verdict.action)).toEqual(['block', 'allow', 'allow'])
  })
})
