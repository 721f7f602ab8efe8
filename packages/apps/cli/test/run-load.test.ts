import { type LoadPlan, runLoad } from 'hadal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeOpenAi, startFakeOpenAi } from './fake-openai.ts'

let server: FakeOpenAi
beforeEach(async () => {
  server = await startFakeOpenAi()
})
afterEach(() => server[Symbol.asyncDispose]())

const plan = (changes: Partial<LoadPlan> = {}, target: Partial<LoadPlan['target']> = {}): LoadPlan => ({
  target: { url: server.url, model: 'fake', endpoint: 'chat', timeoutMillis: 300_000, ...target },
  loads: [{ kind: 'closed', concurrency: 2 }],
  promptTokens: { kind: 'fixed', tokens: 107 },
  outputTokens: { kind: 'fixed', tokens: 4 },
  sharedPrefixTokens: 0,
  requests: 6,
  warmUpRequests: 0,
  seed: 1,
  ...changes,
})
const prompts = () => server.requests.map(({ body }) => (body.messages as { content: string }[])[0]!.content)
/** Two requests find out how the server counts. */
const calibration = 2

describe('runLoad', () => {
  it('finds out how the server counts tokens, and asks for as many as planned', async () => {
    const { tokenScale, levels } = await runLoad(plan())
    expect(tokenScale).toEqual({ tokensPerWord: 2, overheadTokens: 7 })
    expect(levels).toHaveLength(1)
    expect(levels[0]).toMatchObject({
      requests: 6,
      failed: 0,
      promptTokens: 6 * 107,
      outputTokens: 6 * 4,
      tokensFrom: 'usage',
      peakConcurrency: 2,
    })
    expect(server.requests).toHaveLength(calibration + 6)
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/chat/completions',
      body: {
        model: 'fake',
        max_tokens: 4,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      },
    })
  })

  it('measures first token, gaps and end', async () => {
    server.delays.first = 60
    server.delays.next = 20
    const [level] = (await runLoad(plan({ requests: 2 }))).levels
    expect(level!.ttftMillis!.p50).toBeGreaterThanOrEqual(58)
    expect(level!.itlMillis).toMatchObject({ count: 2 * 3 })
    expect(level!.itlMillis!.p50).toBeGreaterThanOrEqual(18)
    expect(level!.e2eMillis!.p50).toBeGreaterThanOrEqual(level!.ttftMillis!.p50 + 54)
  })

  it('sends different prompts that a seed repeats', async () => {
    await runLoad(plan())
    const first = prompts()
    await runLoad(plan())
    expect(prompts().slice(first.length)).toEqual(first)
    expect(new Set(first.map((prompt) => prompt.split(' ', 5).join(' '))).size).toBe(first.length)
  })

  it('can let prompts begin alike', async () => {
    await runLoad(plan({ sharedPrefixTokens: 40 }))
    const starts = prompts()
      .slice(calibration)
      .map((prompt) => prompt.split(' ', 20).join(' '))
    expect(new Set(starts).size).toBe(1)
    expect(new Set(prompts()).size).toBe(prompts().length)
  })

  it('warms up, runs level after level, and reports progress', async () => {
    const done: number[] = []
    const loads = [1, 3].map((concurrency) => ({ kind: 'closed', concurrency }) as const)
    const { levels } = await runLoad(plan({ loads, requests: undefined, warmUpRequests: 5 }), {
      onLevelProgress: (_load, count) => done.push(count),
    })
    expect(levels.map((level) => level.requests)).toEqual([8, 12])
    expect(done).toEqual([...Array(8).keys(), ...Array(12).keys()].map((index) => index + 1))
    expect(server.requests).toHaveLength(calibration + 5 + 20)
  })

  it('speaks completions, with a key and extensions', async () => {
    const target = {
      endpoint: 'completions',
      apiKey: 'secret',
      extraBody: { ignore_eos: true },
      url: `${server.url}/v1/`,
    } as const
    const report = await runLoad(plan({}, target))
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/completions',
      headers: { authorization: 'Bearer secret' },
      body: { prompt: expect.any(String), ignore_eos: true },
    })
    expect(JSON.stringify(report)).not.toContain('secret')
  })

  it('counts pieces of text where the server gives no usage', async () => {
    server.behaviour.usage = false
    const { levels, tokenScale } = await runLoad(plan())
    expect(tokenScale).toEqual({ tokensPerWord: 1, overheadTokens: 0 })
    expect(levels[0]).toMatchObject({ outputTokens: 24, tokensFrom: 'pieces', promptTokens: 0 })
  })

  it.each([0, 1, calibration])(
    'regression: stops at once when aborted before the first level, at request %d',
    async (failFrom) => {
      Object.assign(server.behaviour, { failFrom, failWith: 'silence' })
      const controller = new AbortController()
      // Only the signal ends it.
      const running = runLoad(
        plan({ warmUpRequests: 2 }, { timeoutMillis: 3_600_000 }),
        {},
        controller.signal,
      )
      while (server.requests.length <= failFrom) await new Promise((resolve) => setTimeout(resolve, 5))
      controller.abort('SIGINT')
      await expect(running).rejects.toBe('SIGINT')
    },
  )

  it('finishes the running requests when aborted within a level, and marks the result as partial', async () => {
    const controller = new AbortController()
    const loads = [1, 2].map((concurrency) => ({ kind: 'closed', concurrency }) as const)
    const { levels, partial } = await runLoad(
      plan({ loads }),
      { onLevelProgress: (_load, done) => done === 2 && controller.abort() },
      controller.signal,
    )
    expect(levels.map((level) => level.requests)).toEqual([2])
    expect(partial).toBe(true)
    expect((await runLoad(plan())).partial).toBe(false)
  })
})

it('regression: a kept connection that the server closed in the meantime is no failure', async () => {
  server.behaviour.closesKeptConnections = true
  const [level] = (await runLoad(plan())).levels
  expect(level).toMatchObject({ requests: 6, failed: 0 })
})

describe('failures', () => {
  it.each([
    ['status', 'http_500'],
    ['coded', 'queue_full'],
    ['cut', 'ECONNRESET'],
    ['event', 'engine_crashed'],
    ['garbage', 'malformed_stream'],
    ['silence', 'timeout'],
  ] as const)('%s is counted as %s, and the rest goes on', async (failWith, code) => {
    Object.assign(server.behaviour, { failFrom: calibration + 4, failWith })
    const [level] = (await runLoad(plan({}, { timeoutMillis: failWith === 'silence' ? 2000 : 300_000 })))
      .levels
    expect(level).toMatchObject({ requests: 6, failed: 2, errors: { [code]: 2 }, outputTokens: 4 * 4 })
  })

  it('of the first request end it', async () => {
    Object.assign(server.behaviour, { failFrom: 0, failWith: 'coded' })
    await expect(runLoad(plan())).rejects.toMatchObject({
      code: 'target_refused',
      message: `${server.url} returned queue_full`,
    })
  })
})
