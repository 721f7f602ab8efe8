import { gguf } from '@hadal/formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { tokens } from './tiny-model.ts'

/** Random greedy text must not hit the end-of-text token by chance. */
const long = { ignoreEos: true } as const
const contextLength = 600
let open: OpenEngine

beforeAll(async () => {
  open = openEngine(
    { maxBatchSize: 8, maxBatchTokens: 128, contextLength, maxQueue: 100 },
    { contextLength: 2048 },
  )
  await open.engine.ready()
})
afterAll(() => open[Symbol.asyncDispose]())

const generate = (...args: Parameters<typeof ask>) => collect(open.engine.generate(ask(...args)))
const babble = (seed: number, length: number): number[] =>
  Array.from({ length }, (_, at) => ((at + 1) * (seed * 2 + 31) * 7919) % 256)

describe('the model', () => {
  it('is described', () => {
    expect(open.engine.model).toMatchObject({
      id: 'tiny',
      path: open.modelPath,
      architecture: 'llama',
      contextLength,
      vocabularySize: 261,
      bosToken: '<s>',
      eosToken: '</s>',
    })
    expect(open.engine.model.parameterCount).toBeGreaterThan(100_000)
    expect(open.engine.model.chatTemplate).toBeUndefined()
  })

  it('comes with the choices made for it and their reasons', () => {
    expect(open.engine.choices).toContainEqual('threads: 1 (as configured)')
    expect(open.engine.choices).toContainEqual(
      expect.stringMatching(/^kv cells: 768 for each of 8 sequences/),
    )
    expect(open.engine.choices).toContainEqual(expect.stringMatching(/^device: CPU \(\w+ kernels\)/))
  })
})

describe('a model that brings more', () => {
  it('exposes its tool template and its fill-in-the-middle tokens', async () => {
    await using other = openEngine(
      {},
      {
        chatTemplate: '{{ messages }}',
        metadata: {
          'tokenizer.chat_template.tool_use': gguf.string('{{ tools }}'),
          'tokenizer.ggml.fim_pre_token_id': gguf.uint32(1),
          'tokenizer.ggml.fim_suf_token_id': gguf.uint32(2),
          'tokenizer.ggml.fim_mid_token_id': gguf.uint32(3),
          'tokenizer.ggml.fim_sep_token_id': gguf.uint32(4),
        },
      },
    )
    await other.engine.ready()
    expect(other.engine.model).toMatchObject({
      chatTemplate: '{{ messages }}',
      toolTemplate: '{{ tools }}',
      fim: { prefix: 1, suffix: 2, middle: 3, separator: 4 },
      controlTokens: ['<s>', '</s>', '<user>'],
      trainedLength: 512,
    })
    expect(open.engine.model.toolTemplate).toBeUndefined()
    expect(open.engine.model.fim).toBeUndefined()
  })
})

describe('tokens', () => {
  it('come from text and become text again', async () => {
    const ids = await open.engine.tokenize('the thé🙂')
    expect(ids.slice(0, 3)).toEqual([tokens.the, 0x20, tokens.th])
    expect(await open.engine.detokenize(ids)).toBe('the thé🙂')
  })

  it('are special only when requested', async () => {
    expect(await open.engine.tokenize('a', { addSpecial: true })).toEqual([tokens.bos, 0x61])
    expect(await open.engine.tokenize('<user>', { parseSpecial: true })).toEqual([tokens.user])
    expect(await open.engine.tokenize('<user>')).toHaveLength(6)
    expect(await open.engine.detokenize([tokens.bos, 0x61])).toBe('<s>a')
  })

  it('are counted the same in a long text, which a worker thread cuts', async () => {
    expect(await open.engine.tokenize('the '.repeat(20_000))).toHaveLength(40_000)
  })

  it('are checked', async () => {
    await expect(open.engine.detokenize([261])).rejects.toMatchObject({ code: 'invalid_token' })
    await expect(generate([1, -1])).rejects.toMatchObject({ code: 'invalid_token', status: 400 })
    await expect(generate([1.5])).rejects.toMatchObject({ code: 'invalid_token' })
    const sampling = { logitBias: new Map([[5000, 1]]) }
    await expect(generate('a', { sampling })).rejects.toMatchObject({ code: 'invalid_token' })
  })
})

describe('a prompt', () => {
  it('gets BOS unless it begins with it; tokens are taken as they are', async () => {
    expect((await generate('abc', { maxTokens: 1 })).usage.promptTokens).toBe(4)
    expect((await generate('<s>abc', { maxTokens: 1 })).usage.promptTokens).toBe(4)
    expect((await generate([97, 98, 99], { maxTokens: 1 })).usage.promptTokens).toBe(3)
    expect((await generate('', { maxTokens: 1 })).usage.promptTokens).toBe(1)
    await expect(generate([])).rejects.toMatchObject({ code: 'empty_prompt', status: 400 })
  })

  it('may be as long as the context less one token, and no longer', async () => {
    const most = await generate(babble(1, contextLength - 1))
    expect(most).toMatchObject({ finishReason: 'length', usage: { completionTokens: 1 } })
    await expect(generate(babble(1, contextLength))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      status: 400,
      message: expect.stringMatching(/600 tokens.* 600/),
    })
  })

  it('of megabytes is refused without being tokenised', async () => {
    await expect(generate('x'.repeat(5_000_000))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining('at least'),
    })
  })
})

describe('generation', () => {
  it('ends with the context, and says length', async () => {
    const { finishReason, usage } = await generate(babble(2, 550), long)
    expect(finishReason).toBe('length')
    expect(usage.promptTokens + usage.completionTokens).toBe(contextLength)
  })

  it('repeats itself with the same seed, and only then', async () => {
    const sampled = (seed?: number) =>
      generate('seed', {
        maxTokens: 30,
        ...long,
        sampling: { temperature: 2, ...(seed !== undefined && { seed }) },
      })
    const [first, again, other, random, randomAgain] = await Promise.all([
      sampled(7),
      sampled(7),
      sampled(8),
      sampled(),
      sampled(),
    ])
    expect(again.text).toBe(first.text)
    expect(other.text).not.toBe(first.text)
    expect(randomAgain.text).not.toBe(random.text)
  })

  it('serves 64 requests at once, eight at a time', async () => {
    const sizes: number[] = []
    using _ = open.engine.onStep((report) => sizes.push(report.running))
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, at) =>
        generate(babble(at, 5 + at), { maxTokens: 10 + (at % 7), ...long }),
      ),
    )
    for (const [at, answer] of answers.entries())
      expect(answer.usage).toMatchObject({ promptTokens: 5 + at, completionTokens: 10 + (at % 7) })
    expect(Math.max(...sizes)).toBe(8)
    expect(open.engine.snapshot()).toMatchObject({ running: 0, waiting: 0, state: 'ready', restarts: 0 })
  })

  it('says truthfully what was cached, and the cache changes nothing', async () => {
    const prompt = babble(40, 120)
    const first = await generate(prompt, { maxTokens: 20, ...long })
    const second = await generate(prompt, { maxTokens: 20, ...long })
    expect(first.usage.cachedTokens).toBeLessThan(10)
    expect(second.usage.cachedTokens).toBe(119)
    expect(second.text).toBe(first.text)
  })

  it('reports how long each part took', async () => {
    const events = open.engine.generate(ask('time', { maxTokens: 5, ...long }))
    for await (const event of events) {
      if (event.type !== 'done') continue
      expect(event.timings.prefillMillis).toBeGreaterThan(0)
      expect(event.timings.decodeMillis).toBeGreaterThan(0)
      expect(event.timings.queueMillis).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('sampling', () => {
  it('forces and bans tokens by bias', async () => {
    const forced = await generate('a', { maxTokens: 3, sampling: { logitBias: new Map([[0x78, 100]]) } })
    expect(forced.text).toBe('xxx')
    const first = (await generate('a', { maxTokens: 1, topLogprobs: 1 })).tokens[0]!
    const banned = { temperature: 0, logitBias: new Map([[first.token, -100]]) }
    const other = await generate('a', { maxTokens: 1, topLogprobs: 1, sampling: banned })
    expect(other.tokens[0]!.token).not.toBe(first.token)
    expect(other.tokens[0]!.top[0]!.token).toBe(first.token)
  })

  it('penalises what was said', async () => {
    const forced = new Map([
      [0x78, 300],
      [0x79, 250],
    ])
    const sampling = { temperature: 0, logitBias: forced, presencePenalty: 100 }
    expect((await generate('a', { maxTokens: 2, sampling })).text).toBe('xy')
    expect((await generate('x', { maxTokens: 1, sampling })).text).toBe('y')
    expect((await generate('x', { maxTokens: 1, sampling: { ...sampling, penaltyWindow: 0 } })).text).toBe(
      'x',
    )
  })

  it('with top-k 1 is greedy', async () => {
    const greedy = await generate('k', { maxTokens: 20, ...long })
    const top1 = await generate('k', { maxTokens: 20, ...long, sampling: { temperature: 1.5, topK: 1 } })
    expect(top1.text).toBe(greedy.text)
  })

  it('gives log-probabilities of the model itself', async () => {
    const { tokens, usage } = await generate('p', { maxTokens: 8, topLogprobs: 5, ...long })
    expect(tokens).toHaveLength(usage.completionTokens)
    for (const { token, logprob, top } of tokens) {
      expect(top).toHaveLength(5)
      expect(top[0]).toMatchObject({ token, logprob })
      expect(top.map((each) => each.logprob)).toEqual(top.map((each) => each.logprob).sort((a, b) => b - a))
      expect(top.reduce((sum, each) => sum + Math.exp(each.logprob), 0)).toBeLessThanOrEqual(1 + 1e-6)
    }
    const everything = await generate('p', { maxTokens: 1, topLogprobs: 100 })
    expect(everything.tokens[0]!.top).toHaveLength(100)
  })

  it.each([
    [{ sampling: { temperature: 101 } }, 'temperature'],
    [{ sampling: { temperature: Number.NaN } }, 'temperature'],
    [{ sampling: { topK: 0.5 } }, 'topK'],
    [{ sampling: { repeatPenalty: 0 } }, 'repeatPenalty'],
    [{ sampling: { presencePenalty: Number.POSITIVE_INFINITY } }, 'presencePenalty'],
    [{ sampling: { seed: -1 } }, 'seed'],
    [{ sampling: { logitBias: new Map([[1, Number.NaN]]) } }, 'logitBias'],
    [{ maxTokens: 0 }, 'maxTokens'],
    [{ topLogprobs: 1000 }, 'topLogprobs'],
  ])('refuses %o', async (more, name) => {
    await expect(generate('a', more)).rejects.toMatchObject({
      code: 'invalid_sampling',
      message: expect.stringContaining(name),
    })
  })
})

describe('cancellation', () => {
  /** The reply implies that the earlier cancellation was processed. */
  const seenByProcess = () => open.engine.tokenize('.')

  it('by signal ends the sequence within a step and frees its place', async () => {
    const controller = new AbortController()
    let steps = 0
    using _ = open.engine.onStep(() => {
      steps += 1
    })
    let seen = 0
    let finish: unknown
    for await (const event of open.engine.generate(ask('stop', long), controller.signal)) {
      if (event.type === 'done') finish = event
      else if (event.type === 'delta') seen += event.tokenCount
      if (seen === 3) controller.abort()
    }
    expect(finish).toMatchObject({
      finishReason: 'cancelled',
      usage: { promptTokens: 5, completionTokens: seen },
    })
    expect(open.engine.snapshot().running).toBe(0)
    await seenByProcess()
    const after = steps
    await seenByProcess()
    // The process replies between steps.
    for (let answers = 0; answers < 20; answers += 1) await seenByProcess()
    expect(steps).toBe(after)
    expect(open.engine.snapshot().kvCacheUsage).toBe(0)
  })

  it('by leaving the loop does the same', async () => {
    for await (const _ of open.engine.generate(ask('leave', long))) break
    expect(open.engine.snapshot().running).toBe(0)
    await seenByProcess()
    expect(open.engine.snapshot().kvCacheUsage).toBe(0)
  })

  it('reaches a request that waits, and one that has not begun', async () => {
    const controller = new AbortController()
    const running = Array.from({ length: 8 }, () =>
      collect(open.engine.generate(ask('busy', long), controller.signal)),
    )
    const stopWaiting = new AbortController()
    const waiting = collect(open.engine.generate(ask('waits'), stopWaiting.signal))
    await expect.poll(() => open.engine.snapshot().waiting).toBe(1)
    stopWaiting.abort()
    expect(await waiting).toMatchObject({ finishReason: 'cancelled', usage: { completionTokens: 0 } })
    expect(open.engine.snapshot().waiting).toBe(0)
    const late = collect(open.engine.generate(ask('never'), AbortSignal.abort()))
    expect((await late).finishReason).toBe('cancelled')
    controller.abort()
    for (const answer of await Promise.all(running)) expect(answer.finishReason).toBe('cancelled')
  })

  it('of a long text that is still being tokenised is heard', async () => {
    const controller = new AbortController()
    const answer = collect(open.engine.generate(ask('y '.repeat(299)), controller.signal))
    controller.abort()
    expect((await answer).finishReason).toBe('cancelled')
    await seenByProcess()
    expect(open.engine.snapshot()).toMatchObject({ running: 0, kvCacheUsage: 0 })
  })
})
