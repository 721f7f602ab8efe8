/** llama-server's native routes. The field lists were recorded from the version we bind. */

import type { NativeCompletion, NativeCompletionDelta } from '@hadal/protocol'
import { SseDecoder } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { post, serve } from './serving.ts'

const complete = <Answer = NativeCompletion>(
  server: ReturnType<typeof serve>['server'],
  body: unknown,
  path = '/completion',
) => post<Answer>(server, path, body)

const eventsOf = (body: string): (NativeCompletionDelta | NativeCompletion)[] =>
  new SseDecoder().push(body).map(({ data }) => JSON.parse(data))

const finalFields = [
  'index',
  'content',
  'tokens',
  'id_slot',
  'stop',
  'model',
  'tokens_predicted',
  'tokens_evaluated',
  'generation_settings',
  'prompt',
  'has_new_line',
  'truncated',
  'stop_type',
  'stopping_word',
  'tokens_cached',
  'timings',
]
const deltaFields = ['index', 'content', 'tokens', 'stop', 'id_slot', 'tokens_predicted', 'tokens_evaluated']
const timingFields = [
  'cache_n',
  'prompt_n',
  'prompt_ms',
  'prompt_per_token_ms',
  'prompt_per_second',
  'predicted_n',
  'predicted_ms',
  'predicted_per_token_ms',
  'predicted_per_second',
]
const settingFields = [
  'seed',
  'temperature',
  'dynatemp_range',
  'dynatemp_exponent',
  'top_k',
  'top_p',
  'min_p',
  'top_n_sigma',
  'xtc_probability',
  'xtc_threshold',
  'typical_p',
  'repeat_last_n',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
  'dry_multiplier',
  'dry_base',
  'dry_allowed_length',
  'dry_penalty_last_n',
  'dry_sequence_breakers',
  'mirostat',
  'mirostat_tau',
  'mirostat_eta',
  'adaptive_target',
  'adaptive_decay',
  'stop',
  'max_tokens',
  'n_predict',
  'n_keep',
  'n_discard',
  'ignore_eos',
  'stream',
  'logit_bias',
  'n_probs',
  'min_keep',
  'grammar',
  'grammar_lazy',
  'grammar_triggers',
  'preserved_tokens',
  'chat_format',
  'reasoning_format',
  'reasoning_in_content',
  'generation_prompt',
  'samplers',
  'speculative.types',
  'timings_per_token',
  'post_sampling_probs',
  'backend_sampling',
  'lora',
]

describe('POST /completion', () => {
  it('answers with every field of llama-server', async () => {
    const { server } = serve({ reply: 'to be\nor not' })
    const { status, json } = await complete(server, { prompt: 'Hello', n_predict: 7, return_tokens: true })
    expect(status).toBe(200)
    const answer = json()
    expect(Object.keys(answer)).toEqual(finalFields)
    expect(Object.keys(answer.timings)).toEqual(timingFields)
    expect(Object.keys(answer.generation_settings)).toEqual(settingFields)
    expect(answer).toMatchObject({
      index: 0,
      content: 'to be\no',
      tokens: [...'to be\no'].map((each) => each.codePointAt(0)),
      stop: true,
      model: 'fake',
      tokens_predicted: 7,
      tokens_evaluated: 5,
      prompt: 'Hello',
      has_new_line: true,
      truncated: false,
      stop_type: 'limit',
      stopping_word: '',
      tokens_cached: 11,
      timings: { cache_n: 0, prompt_n: 5, predicted_n: 7 },
      generation_settings: { n_predict: 7, max_tokens: 7, temperature: 0.8, seed: 0xffff_ffff },
    })
  })

  it('streams deltas, then the whole answer without its text, and no [DONE]', async () => {
    const { server } = serve({ reply: 'abc' })
    const { body, headers } = await complete(server, { prompt: 'x', stream: true })
    expect(headers['content-type']).toContain('text/event-stream')
    const events = eventsOf(body)
    for (const event of events.slice(0, -1)) expect(Object.keys(event)).toEqual(deltaFields)
    expect(events.map((event) => event.content).join('')).toBe('abc')
    expect(events.map((event) => event.tokens_predicted)).toEqual([1, 2, 3, 3])
    const last = events.at(-1)!
    expect(Object.keys(last)).toEqual(finalFields)
    expect(last).toMatchObject({ stop: true, stop_type: 'eos', content: '', tokens: [] })
  })

  it.each([
    [{ stop: ['not'] }, { stop_type: 'word', stopping_word: 'not', content: 'to be or ' }],
    [{ stop: 'or' }, { stop_type: 'word', stopping_word: 'or' }],
    [{ stop: [''] }, { stop_type: 'eos', stopping_word: '' }],
    [{ n_predict: -1 }, { stop_type: 'eos', truncated: false }],
    [{ max_tokens: 2 }, { stop_type: 'limit', content: 'to' }],
    [{ n_predict: 0 }, { stop_type: 'limit', content: '', tokens_predicted: 0 }],
  ])('%j ends with %j', async (fields, expected) => {
    const { server } = serve({ reply: 'to be or not' })
    expect((await complete(server, { prompt: 'x', ...fields })).json()).toMatchObject(expected)
  })

  it('says when the context ended it', async () => {
    const { server } = serve({ reply: 'x'.repeat(50), contextLength: 16 })
    const { json } = await complete(server, { prompt: 'abcd' })
    expect(json()).toMatchObject({ truncated: true, stop_type: 'limit', tokens_predicted: 12 })
    const limited = await complete(server, { prompt: 'abcd', n_predict: 12 })
    expect(limited.json()).toMatchObject({ truncated: false })
  })

  it.each([
    ['text', 'ab', ['ab']],
    ['tokens', [97, 98], ['ab']],
    ['both in turn', [97, 'bc', 100], ['abcd']],
    ['an object', { prompt_string: 'ab' }, ['ab']],
    ['texts', ['ab', 'c'], ['ab', 'c']],
    ['all of them', [[97, 'b'], 'c', { prompt_string: 'd' }], ['ab', 'c', 'd']],
  ])('takes %s as a prompt', async (_, prompt, expected) => {
    const { server, engine } = serve()
    const { json } = await complete<NativeCompletion | NativeCompletion[]>(server, { prompt })
    expect(engine.seen.map((seen) => seen.prompt).sort()).toEqual(expected)
    const answers = [json()].flat()
    expect(answers.map((answer) => answer.prompt)).toEqual(expected)
    expect(answers.map((answer) => answer.index)).toEqual(expected.map((__, index) => index))
  })

  it('makes several answers for each prompt', async () => {
    const { server } = serve()
    const { json } = await complete<NativeCompletion[]>(server, { prompt: ['a', 'b'], n_cmpl: 2 })
    expect(json().map(({ index, prompt }) => [index, prompt])).toEqual([
      [0, 'a'],
      [1, 'a'],
      [2, 'b'],
      [3, 'b'],
    ])
  })

  it('shows probabilities, before sampling or after', async () => {
    const { server, engine } = serve({ reply: 'ab' })
    const before = (await complete(server, { prompt: 'x', n_probs: 2 })).json()
    expect(before.completion_probabilities).toHaveLength(2)
    expect(Object.keys(before.completion_probabilities![0]!)).toEqual([
      'id',
      'token',
      'bytes',
      'logprob',
      'top_logprobs',
    ])
    const after = (await complete(server, { prompt: 'x', n_probs: 2, post_sampling_probs: true })).json()
    expect(after.completion_probabilities![1]).toMatchObject({ id: 98, token: 'b', bytes: [98], prob: 0.5 })
    expect(Object.keys(after.completion_probabilities![0]!)).toEqual([
      'id',
      'token',
      'bytes',
      'prob',
      'top_probs',
    ])
    expect(engine.seen[1]!.request).toMatchObject({ topLogprobs: 2, logprobsAfterSampling: true })
    const { body } = await complete(server, { prompt: 'x', n_probs: 1, stream: true })
    const events = eventsOf(body)
    expect(events.map((event) => event.completion_probabilities?.length)).toEqual([1, 1, undefined])
  })

  it('streams one event for each token with its probabilities, whatever comes at a time', async () => {
    const { server, engine } = serve({ reply: 'x' })
    const token = (text: string) => ({ token: text.codePointAt(0)!, text, bytes: [], logprob: -1, top: [] })
    const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 3 }
    const timings = { queueMillis: 0, prefillMillis: 0, decodeMillis: 0 }
    Object.assign(engine, {
      async *generate() {
        yield {
          type: 'delta',
          text: 'ab',
          tokenCount: 2,
          tokens: [97, 98],
          logprobs: [token('a'), token('b')],
        }
        yield { type: 'done', finishReason: 'stop', usage, timings }
      },
    })
    const { body } = await complete(server, {
      prompt: 'x',
      stream: true,
      n_probs: 1,
      timings_per_token: true,
    })
    const [first, second] = eventsOf(body) as NativeCompletionDelta[]
    expect([first!.content, second!.content]).toEqual(['a', 'b'])
    expect([first!.tokens, second!.tokens]).toEqual([[97], [98]])
    for (const event of [first!, second!]) expect(event.completion_probabilities).toHaveLength(1)
    expect(second!.timings).toMatchObject({ predicted_n: 2 })
  })

  it('reports prompt progress and timings', async () => {
    const { server } = serve({ reply: 'ab' })
    const requested = { prompt: 'four', stream: true, return_progress: true, timings_per_token: true }
    const events = eventsOf((await complete(server, requested)).body) as NativeCompletionDelta[]
    const progress = events.filter((event) => event.prompt_progress !== undefined)
    expect(progress.map((event) => event.prompt_progress)).toEqual([
      { total: 4, cache: 0, processed: 0, time_ms: 0 },
      { total: 4, cache: 0, processed: 4, time_ms: 0 },
    ])
    expect(progress[0]!.timings).toMatchObject({ prompt_n: 0, prompt_ms: 0, predicted_n: 0, predicted_ms: 0 })
    for (const event of events) {
      expect(Object.keys(event.timings!)).toEqual(timingFields)
      for (const value of Object.values(event.timings!)) expect(value).toBeGreaterThanOrEqual(0)
    }
    expect(events.map((event) => event.timings!.predicted_n)).toEqual([0, 0, 1, 2, 2])
  })

  it('ends at a line break once it has taken too long', async () => {
    const { server } = serve({ reply: 'a\nbc'.padEnd(200, '.'), tokenMillis: 3 })
    const { json } = await complete(server, { prompt: 'x', n_predict: 150, t_max_predict_ms: 1 })
    expect(json()).toMatchObject({ stop_type: 'limit', truncated: false })
    expect(json().content.length).toBeLessThan(150)
    const free = await complete(server, { prompt: 'x', n_predict: 5, t_max_predict_ms: -1 })
    expect(free.json().tokens_predicted).toBe(5)
  })

  it('returns only the requested fields, nested ones under their path', async () => {
    const { server } = serve({ reply: 'ab' })
    const fields = ['content', 'generation_settings/n_predict', 'prompt', 'nothing', 'content/x']
    const { json } = await complete<unknown>(server, { prompt: 'x', n_predict: 1, response_fields: fields })
    expect(json()).toEqual({ content: 'a', 'generation_settings/n_predict': 1, prompt: 'x' })
  })

  it('hands every sampling field to the engine', async () => {
    const { server, engine } = serve()
    const body = {
      prompt: 'x',
      temperature: -1,
      top_k: -5,
      top_p: 7,
      min_p: 0.1,
      top_n_sigma: 1.5,
      typical_p: 0.9,
      xtc_probability: 0.2,
      xtc_threshold: 0.3,
      repeat_last_n: -1,
      repeat_penalty: 1.1,
      presence_penalty: 3,
      frequency_penalty: 0.4,
      dynatemp_range: 0.5,
      dynatemp_exponent: 2,
      dry_multiplier: 0.8,
      dry_base: 2,
      dry_allowed_length: 3,
      dry_penalty_last_n: 32,
      dry_sequence_breakers: ['.'],
      mirostat: 2,
      mirostat_tau: 4,
      mirostat_eta: 0.2,
      min_keep: 1,
      samplers: ['dry', 'top_k', 'typical_p', 'unheard_of', 'temperature'],
      seed: 42,
      cache_prompt: false,
      ignore_eos: true,
    }
    const { status } = await complete(server, body)
    expect(status).toBe(200)
    expect(engine.seen[0]!.request).toMatchObject({ reusePrefix: false, ignoreEos: true })
    expect(engine.seen[0]!.request.sampling).toEqual({
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0.1,
      topNSigma: 1.5,
      typicalP: 0.9,
      xtcProbability: 0.2,
      xtcThreshold: 0.3,
      penaltyWindow: 65_536,
      repeatPenalty: 1.1,
      presencePenalty: 3,
      frequencyPenalty: 0.4,
      dynamicTemperatureRange: 0.5,
      dynamicTemperatureExponent: 2,
      dryMultiplier: 0.8,
      dryBase: 2,
      dryAllowedLength: 3,
      dryPenaltyWindow: 32,
      drySequenceBreakers: ['.'],
      mirostat: 2,
      mirostatTau: 4,
      mirostatEta: 0.2,
      minKeep: 1,
      samplers: ['dry', 'top_k', 'typ_p', 'temperature'],
      seed: 42,
    })
  })

  it.each([
    [
      [
        [97, 1.5],
        ['bc', false],
        [0x7fff_fff0, 1],
      ],
      [
        [97, 1.5],
        [98, -100],
        [99, -100],
      ],
    ],
    [
      { '97': -3, b: false },
      [
        [97, -3],
        [98, -100],
      ],
    ],
  ])('reads the bias %j', async (logit_bias, expected) => {
    const { server, engine } = serve()
    const { json } = await complete(server, { prompt: 'x', logit_bias })
    expect([...engine.seen[0]!.request.sampling.logitBias!]).toEqual(expected)
    expect(json().generation_settings.logit_bias).toContainEqual({ token: 98, bias: null })
  })

  it('holds the text to a grammar', async () => {
    const { server, engine } = serve()
    await complete(server, { prompt: 'x', grammar: 'root ::= "a"' })
    await complete(server, { prompt: 'x', json_schema: { type: 'boolean' } })
    await complete(server, { prompt: 'x', grammar: '' })
    expect(engine.seen[0]!.request.grammar).toEqual({ gbnf: 'root ::= "a"' })
    expect(engine.seen[1]!.request.grammar?.gbnf).toContain('root')
    expect(engine.seen[2]!.request.grammar).toBeUndefined()
  })

  it('names what it does not use', async () => {
    const { server } = serve()
    const { headers } = await complete(server, { prompt: 'x', id_slot: 1, n_keep: 4 })
    expect(headers['x-hadal-ignored-parameters']).toBe('id_slot, n_keep')
  })

  it.each([
    [{}, 400, 'prompt'],
    [{ prompt: [] }, 400, 'prompt'],
    [{ prompt: 'x', n_predict: 'x' }, 400, 'n_predict'],
    [{ prompt: 'x', n_predict: -2 }, 400, 'n_predict'],
    [{ prompt: { prompt_string: 'x', multimodal_data: ['a'] } }, 400, 'prompt'],
    [{ prompt: 'x', n_indent: 2 }, 400, 'n_indent'],
    [{ prompt: 'x', lora: [{ id: 0, scale: 1 }] }, 404, 'lora'],
    [{ prompt: [0x7fff_ffff] }, 400, 'prompt'],
    [{ prompt: ['a', 'b'], n: 100 }, 400, 'n'],
  ])('%j is refused in the words of llama-server', async (body, status, param) => {
    const { server } = serve()
    const answer = await complete<{ error: object }>(server, body)
    expect(answer.status).toBe(status)
    expect(answer.json().error).toMatchObject({ code: status, message: expect.any(String), param })
  })

  it('says that a prompt is too long as llama-server does', async () => {
    const { server } = serve({ contextLength: 8 })
    const answer = await complete<{ error: object }>(server, { prompt: 'x'.repeat(20) })
    expect(answer.status).toBe(400)
    expect(answer.json().error).toMatchObject({
      type: 'exceed_context_size_error',
      message: expect.stringContaining('exceeds the available context size'),
      reason: 'context_length_exceeded',
    })
  })
})

describe('POST /completions', () => {
  it('is native unless a model is named and nothing native is', async () => {
    const { server } = serve()
    const native = async (body: object) =>
      'content' in (await complete<object>(server, body, '/completions')).json()
    expect(await native({ prompt: 'x' })).toBe(true)
    expect(await native({ prompt: 'x', model: 'fake', n_predict: 2 })).toBe(true)
    expect(await native({ prompt: 'x', model: 'fake', max_tokens: 2 })).toBe(false)
  })

  it('has its errors in the words of the API that is meant', async () => {
    const { server } = serve()
    const error = async (body: unknown) => (await post(server, '/completions', body)).json().error
    expect(await error({ prompt: 5 })).toMatchObject({ code: 400, reason: 'invalid_request' })
    expect(await error({ prompt: 5, model: 'fake' })).toMatchObject({ code: 'invalid_request' })
    expect(await error('no JSON')).toMatchObject({ code: 'malformed_json' })
  })
})

describe('defaults of the server', () => {
  it('count where a request says nothing', async () => {
    const defaults = { sampling: { temperature: 0.3, seed: 7 }, maxTokens: 5 }
    const { server, engine } = serve({}, { defaults })
    const props = (await server.inject('/props')).json()
    expect(props.default_generation_settings.params).toMatchObject({ seed: 7, temperature: 0.3 })
    const { json } = await complete(server, { prompt: 'abcdefgh', temperature: 1 })
    expect(json()).toMatchObject({
      content: 'abcde',
      generation_settings: { n_predict: 5, seed: 7, temperature: 1 },
    })
    expect(engine.seen[0]!.request).toMatchObject({ maxTokens: 5, sampling: { temperature: 1, seed: 7 } })
    for (const [n_predict, tokens] of [
      [6, 6],
      [-1, 5],
    ])
      expect((await complete(server, { prompt: 'abcdefgh', n_predict })).json().tokens_predicted).toBe(tokens)
    await post(server, '/v1/completions', { prompt: 'x' })
    expect(engine.seen[3]!.request.sampling).toMatchObject({ temperature: 0.3, seed: 7 })
  })
})

describe('tokens', () => {
  it('are returned, with their pieces when requested', async () => {
    const { server } = serve()
    const tokenize = async (body: object) => (await post<object>(server, '/tokenize', body)).json()
    expect(await tokenize({ content: 'ab' })).toEqual({ tokens: [97, 98] })
    expect(await tokenize({ content: [1, 'a', 2] })).toEqual({ tokens: [1, 97, 2] })
    expect(await tokenize({})).toEqual({ tokens: [] })
    expect(await tokenize({ content: 'é', with_pieces: true })).toEqual({ tokens: [{ id: 233, piece: 'é' }] })
  })

  it('are limited in texts per request', async () => {
    const { server } = serve()
    const many = { content: Array(4097).fill('a'), prompt: Array(4097).fill('a') }
    expect((await post(server, '/tokenize', many)).status).toBe(400)
    expect((await post(server, '/completion', many)).status).toBe(400)
    expect((await post(server, '/tokenize', { content: Array(50_000).fill(97) })).status).toBe(200)
    const logit_bias = Object.fromEntries(Array.from({ length: 1025 }, (_, index) => [`t${index}`, 1]))
    expect((await post(server, '/completion', { prompt: 'x', logit_bias })).status).toBe(400)
  })

  it('are returned as bytes where they are not whole characters, with one call to the engine', async () => {
    const { server, engine } = serve()
    const requested: (readonly number[])[] = []
    const pieces = async (tokens: readonly number[]) => {
      requested.push(tokens)
      return [[0xc3], [0xa9]]
    }
    Object.assign(engine, { pieces })
    const { json } = await post<object>(server, '/tokenize', { content: 'aba', with_pieces: true })
    const [c3, a9] = [
      { id: 97, piece: [0xc3] },
      { id: 98, piece: [0xa9] },
    ]
    expect(json()).toEqual({ tokens: [c3, a9, c3] })
    expect(requested).toEqual([[97, 98]])
  })

  it('are written out', async () => {
    const { server } = serve()
    const detokenize = async (body: object) => (await post<object>(server, '/detokenize', body)).json()
    expect(await detokenize({ tokens: [97, 98] })).toEqual({ content: 'ab' })
    expect(await detokenize({})).toEqual({ content: '' })
    expect(await detokenize({ tokens: 'x' })).toMatchObject({ error: { code: 400 } })
    expect(await detokenize({ tokens: [-1] })).toMatchObject({ error: { code: 400 } })
    expect(await detokenize({ tokens: [0x7fff_ffff] })).toMatchObject({
      error: { code: 400, reason: 'invalid_token' },
    })
  })

  it('of a chat are its template', async () => {
    const chatTemplate = '{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<end>'
    const { server } = serve({ model: { chatTemplate } })
    const { json } = await post<object>(server, '/apply-template', {
      messages: [{ role: 'user', content: 'hi' }],
    })
    expect(json()).toEqual({ prompt: '<user>hi<end>' })
  })
})

describe('POST /infill', () => {
  const fim = { prefix: 1, suffix: 2, middle: 3 }
  const body = { input_prefix: 'ab', input_suffix: 'c', n_predict: 1 }
  const promptOf = async (model: object, requested: object): Promise<string> => {
    const { server, engine } = serve({ model })
    const { status } = await post(server, '/infill', { ...body, ...requested })
    expect(status).toBe(200)
    return engine.seen[0]!.prompt
  }

  it('puts the text between its markers, with what is begun before the gap', async () => {
    expect(await promptOf({ fim }, {})).toBe('\u0001ab\u0002c\u0003')
    expect(await promptOf({ fim }, { prompt: 'x' })).toBe('\u0001abx\u0002c\u0003')
    expect(await promptOf({ fim }, { input_prefix: [97, 'z'], input_suffix: [] })).toBe(
      '\u0001az\u0002\u0003',
    )
  })

  it('puts other files before it, under the headings that the model knows', async () => {
    const input_extra = [{ filename: 'a.h', text: 'A' }, { text: 'B' }]
    const tail = '\u0001ab\u0002c\u0003'
    expect(await promptOf({ fim }, { input_extra })).toBe(
      `\n\n--- snippet ---\n\nA\n\n--- snippet ---\n\nB${tail}`,
    )
    const repository = { ...fim, repository: 4, separator: 5 }
    expect(await promptOf({ fim: repository }, { input_extra })).toBe(
      `\u0004myproject\n\u0005a.h\nA\u0005tmp\nB\u0005filename\n${tail}`,
    )
    expect(await promptOf({ fim: repository }, {})).toBe(`\u0004myproject\n\u0005filename\n${tail}`)
  })

  it('cuts only other files, and keeps room for the answer', async () => {
    const { server, engine } = serve({ model: { fim }, contextLength: 20 })
    const input_extra = [{ text: '0123456789'.repeat(4) }]
    const answer = await post(server, '/infill', { ...body, n_predict: 8, input_extra })
    expect(answer.status).toBe(200)
    expect(engine.seen[0]!.prompt).toBe('456789\u0001ab\u0002c\u0003'.slice(-12))
  })

  it.each([
    [{}],
    [{ filename: 'ok' }],
    [{ filename: 123 }],
    [{ filename: 123, text: 'abc' }],
    [{ filename: 123, text: 456 }],
  ])('refuses the file %j', async (file) => {
    const { server } = serve({ model: { fim } })
    const { status, json } = await post<object>(server, '/infill', { ...body, input_extra: [file] })
    expect(status).toBe(400)
    expect(json()).toHaveProperty('error')
  })

  it('refuses a body without both sides, and a model without the tokens', async () => {
    const { server } = serve({ model: { fim } })
    expect((await post(server, '/infill', { input_prefix: 'a' })).status).toBe(400)
    const unfit = await post<{ error: object }>(serve().server, '/infill', body)
    expect(unfit.status).toBe(501)
    expect(unfit.json().error).toMatchObject({ type: 'not_supported_error', reason: 'fim_unsupported' })
  })
})

describe('the state of the server', () => {
  it('is what /props says', async () => {
    const { server } = serve({ maxBatchSize: 3, contextLength: 99, model: { bosToken: '<s>' } })
    const props = (await server.inject('/props')).json()
    expect(props).toMatchObject({
      total_slots: 3,
      model_path: 'fake.gguf',
      model_alias: 'fake',
      modalities: { vision: false, audio: false },
      bos_token: '<s>',
      chat_template: '',
      default_generation_settings: { n_ctx: 99 },
    })
    for (const field of ['build_info', 'eos_token', 'endpoint_slots', 'is_sleeping'])
      expect(props).toHaveProperty(field)
  })

  it('is in its slots', async () => {
    const { server, engine } = serve({ maxBatchSize: 2, contextLength: 64 })
    expect((await server.inject('/slots')).json()).toEqual([
      { id: 0, n_ctx: 64, speculative: false, is_processing: false },
      { id: 1, n_ctx: 64, speculative: false, is_processing: false },
    ])
    const busy = (slot: number) => ({
      slot,
      id: `r${slot}`,
      promptTokens: 4,
      computedTokens: 4,
      generatedTokens: 2,
    })
    const { snapshot } = engine
    const withSlots = (...slots: object[]) =>
      Object.assign(engine, { snapshot: () => ({ ...snapshot(), slots }) })
    withSlots(busy(1))
    const slots = (await server.inject('/slots?fail_on_no_slot=1')).json()
    expect(slots[0]).toMatchObject({ is_processing: false })
    expect(slots[1]).toEqual({
      id: 1,
      n_ctx: 64,
      speculative: false,
      is_processing: true,
      id_task: 'r1',
      n_prompt_tokens: 4,
      n_prompt_tokens_processed: 4,
      next_token: [{ has_next_token: true, n_decoded: 2 }],
    })
    withSlots(busy(0), busy(1))
    const full = await server.inject('/slots?fail_on_no_slot=1')
    expect(full.statusCode).toBe(503)
    expect(full.json().error).toMatchObject({ code: 503, reason: 'no_free_slot' })
    expect((await server.inject('/slots')).statusCode).toBe(200)
  })

  it('cannot be changed', async () => {
    const { server } = serve()
    const props = await post<{ error: object }>(server, '/props', {})
    expect(props.status).toBe(501)
    expect(props.json().error).toMatchObject({ type: 'not_supported_error', reason: 'props_fixed' })
    for (const action of ['save', 'restore', 'erase', 'constructor']) {
      const answer = await server.inject({ method: 'POST', url: `/slots/1?action=${action}` })
      expect(answer.statusCode).toBe(501)
      expect(answer.json().error).toMatchObject({ reason: 'slot_actions_unsupported' })
    }
  })

  it('is not shown where /slots is off', async () => {
    const { server } = serve({}, { slots: false })
    const answer = await server.inject('/slots')
    expect(answer.statusCode).toBe(501)
    expect(answer.json().error).toMatchObject({ type: 'not_supported_error', reason: 'slots_off' })
  })

  it('is healthy once the model is loaded, and alive before', async () => {
    const { server, engine } = serve()
    const { snapshot } = engine
    for (const path of ['/health', '/v1/health'])
      expect((await server.inject(path)).json()).toEqual({ status: 'ok' })
    Object.assign(engine, { snapshot: () => ({ ...snapshot(), state: 'starting' }) })
    const loading = await server.inject('/health')
    expect(loading.statusCode).toBe(503)
    expect(loading.json().error).toMatchObject({ code: 503, type: 'unavailable_error' })
    expect((await server.inject('/livez')).json()).toEqual({ status: 'ok' })
  })

  it('lists models for every kind of client', async () => {
    const model = { trainedLength: 4096, embeddingLength: 64, parameterCount: 1_500_000, fileBytes: 123 }
    const { server } = serve({ contextLength: 2048, model }, { modelNames: { aliases: ['other'] } })
    for (const path of ['/models', '/v1/models']) {
      const { data, models } = (await server.inject(path)).json()
      expect(data[0]).toMatchObject({
        id: 'fake',
        object: 'model',
        aliases: ['other'],
        capabilities: ['completion', 'embedding', 'rerank'],
        meta: {
          n_vocab: 0x110000,
          n_ctx: 2048,
          n_ctx_train: 4096,
          n_embd: 64,
          n_params: 1_500_000,
          size: 123,
        },
      })
      expect(models[0]).toMatchObject({ name: 'fake', details: { format: 'gguf', parameter_size: '1.5M' } })
    }
    expect((await server.inject('/v1/models/other')).json().id).toBe('fake')
    expect((await server.inject('/models/fake')).json().id).toBe('fake')
    expect((await server.inject('/v1/models/none')).statusCode).toBe(404)
  })

  it('accepts any name for its only model when configured', async () => {
    const { server } = serve({}, { modelNames: { any: true } })
    const answer = await post<{ model: string }>(server, '/v1/completions', { prompt: 'x', model: 'gpt-4' })
    expect(answer.json().model).toBe('fake')
  })
})

describe("llama-server's metrics", () => {
  const read = async (server: ReturnType<typeof serve>['server']): Promise<Map<string, string>> => {
    const { body } = await server.inject('/metrics')
    const lines = body.split('\n').filter((line) => line.startsWith('llamacpp:'))
    for (const line of lines) {
      const name = line.split(' ')[0]
      expect(body).toMatch(new RegExp(`^# HELP ${name} .+$`, 'm'))
      expect(body).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge)$`, 'm'))
    }
    return new Map(lines.map((line) => line.slice('llamacpp:'.length).split(' ') as [string, string]))
  }

  it('count what was computed and generated', async () => {
    const { server } = serve({ reply: 'abcdef' })
    const names = [...(await read(server)).keys()]
    for (const name of [
      'prompt_seconds_total',
      'spec_decode_num_drafts_total',
      'n_tokens_max',
      'requests_deferred',
    ])
      expect(names).toContain(name)
    await complete(server, { prompt: 'xy', n_predict: 4 })
    await complete(server, { prompt: 'xyz', n_predict: 1 })
    const after = await read(server)
    expect(Number(after.get('prompt_tokens_total'))).toBe(5)
    expect(Number(after.get('tokens_predicted_total'))).toBe(5)
    expect(Number(after.get('n_tokens_max'))).toBe(6)
    expect(Number(after.get('n_decode_total'))).toBeGreaterThan(0)
    expect(Number(after.get('requests_processing'))).toBe(0)
    await post(server, '/v1/embeddings', { input: 'text' })
    expect(Number((await read(server)).get('prompt_tokens_total'))).toBe(9)
  })
})

describe('LoRA adapters', () => {
  it('are listed, scaled, and used by number or name', async () => {
    const { server, engine } = serve()
    await engine.loadAdapter({ id: 'a', path: 'a.gguf', scale: 1 })
    await engine.loadAdapter({ id: 'b', path: 'b.gguf', scale: 0 })
    expect((await server.inject('/lora-adapters')).json()).toEqual([
      { id: 0, name: 'a', path: 'a.gguf', scale: 1 },
      { id: 1, name: 'b', path: 'b.gguf', scale: 0 },
    ])
    const scaled = await post<object>(server, '/lora-adapters', [{ id: 1, scale: 0.5 }])
    expect(scaled.json()).toEqual({ success: true })
    expect(engine.adapters.map(({ scale }) => scale)).toEqual([0, 0.5])
    await complete(server, {
      prompt: 'x',
      lora: [
        { id: 0, scale: 0.25 },
        { id: 'b', scale: 1 },
      ],
    })
    expect(engine.seen[0]!.request.adapters).toEqual([
      { id: 'a', scale: 0.25 },
      { id: 'b', scale: 1 },
    ])
    expect((await post(server, '/lora-adapters', {})).status).toBe(400)
    expect((await post(server, '/lora-adapters', [{ id: 9, scale: 1 }])).status).toBe(404)
  })

  it('come and go while it runs, where that is allowed', async () => {
    const { server, engine } = serve({}, { adapterChanges: true })
    const load = { lora_name: 'a', lora_path: '/somewhere/a.gguf' }
    expect((await post(server, '/v1/load_lora_adapter', load)).body).toContain('Success')
    expect(engine.adapters).toEqual([{ id: 'a', path: '/somewhere/a.gguf', scale: 0 }])
    expect((await post(server, '/v1/load_lora_adapter', load)).status).toBe(409)
    expect((await post(server, '/v1/unload_lora_adapter', { lora_name: 'a' })).body).toContain('Success')
    expect((await post(server, '/v1/unload_lora_adapter', { lora_name: 'a' })).status).toBe(404)
    expect((await post(server, '/v1/load_lora_adapter', { lora_name: 'a' })).status).toBe(400)
  })

  it('stay as they are where it is not', async () => {
    const { server, engine } = serve()
    const refused = await post(server, '/v1/load_lora_adapter', { lora_name: 'a', lora_path: 'a' })
    expect(refused.status).toBe(403)
    expect(refused.json().error.code).toBe('adapter_changes_off')
    expect((await post(server, '/v1/unload_lora_adapter', { lora_name: 'a' })).status).toBe(403)
    expect(engine.adapters).toEqual([])
  })
})
