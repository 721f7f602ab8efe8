/** POST /v1/chat/completions: the engine's input and the response format. */

import { ManualClock } from '@hadal/base'
import type { GenerateRequest } from '@hadal/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { done, say, scripted } from './scripted.ts'
import { chat, chunksOf, complete, eventually, post, serve, user } from './serving.ts'

describe('a chat', () => {
  it('is answered in full', async () => {
    const { server } = serve({ reply: 'Hello', model: { id: 'nano' } })
    const { status, json } = await chat(server, { model: 'nano', ...user('hi') })
    expect(status).toBe(200)
    expect(json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'nano',
      system_fingerprint: expect.stringMatching(/^b/),
      service_tier: 'default',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 52,
        completion_tokens: 5,
        total_tokens: 57,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        prompt_cache_hit_tokens: 0,
        prompt_cache_miss_tokens: 52,
      },
      timings: expect.objectContaining({ cache_n: 0, prompt_n: 52, predicted_n: 5 }),
    })
  })

  it('hands every sampling field to the engine, and none that was not given', async () => {
    const { server, engine } = serve({ reply: 'x' })
    const fields = {
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      typical_p: 0.9,
      top_n_sigma: 2,
      xtc_probability: 0.1,
      xtc_threshold: 0.2,
      dynatemp_range: 0.5,
      dynatemp_exponent: 2,
      dry_multiplier: 0.8,
      dry_base: 1.5,
      dry_allowed_length: 3,
      dry_penalty_last_n: 100,
      dry_sequence_breakers: ['\n'],
      mirostat: 2,
      mirostat_tau: 4,
      mirostat_eta: 0.2,
      min_keep: 2,
      samplers: ['top_k', 'temperature'],
      presence_penalty: 1,
      frequency_penalty: -1,
      repetition_penalty: 1.1,
      repeat_last_n: 64,
      logit_bias: { 7: -100, 9: 3 },
      seed: 2 ** 32 + 5,
      stop: ['a', 'b'],
      max_tokens: 3,
      max_completion_tokens: 4,
      logprobs: true,
      ignore_eos: true,
      min_tokens: 2,
      stop_token_ids: [3, 4],
      post_sampling_probs: true,
      cache_prompt: false,
      user_id: 'ann',
    }
    expect((await chat(server, { ...user('hi'), ...fields })).status).toBe(200)
    await chat(server, { ...user('hi'), top_k: -1, repeat_penalty: 1.2, stop: 'z', temperature: null })
    expect(engine.seen[0]!.request).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      prompt: { pieces: [expect.any(String)] },
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        minP: 0.05,
        typicalP: 0.9,
        topNSigma: 2,
        xtcProbability: 0.1,
        xtcThreshold: 0.2,
        dynamicTemperatureRange: 0.5,
        dynamicTemperatureExponent: 2,
        dryMultiplier: 0.8,
        dryBase: 1.5,
        dryAllowedLength: 3,
        dryPenaltyWindow: 100,
        drySequenceBreakers: ['\n'],
        mirostat: 2,
        mirostatTau: 4,
        mirostatEta: 0.2,
        minKeep: 2,
        samplers: ['top_k', 'temperature'],
        presencePenalty: 1,
        frequencyPenalty: -1,
        repeatPenalty: 1.1,
        penaltyWindow: 64,
        logitBias: new Map([
          [7, -100],
          [9, 3],
        ]),
        seed: 5,
      },
      stop: ['a', 'b', '<|im_end|>'],
      maxTokens: 4,
      topLogprobs: 0,
      ignoreEos: true,
      minTokens: 2,
      stopTokens: [3, 4],
      logprobsAfterSampling: true,
      reusePrefix: false,
      owner: 'ann',
    })
    expect(engine.seen[1]!.request.sampling).toEqual({ topK: -1, repeatPenalty: 1.2 })
    expect(engine.seen[1]!.request).not.toHaveProperty('maxTokens')
    expect(engine.seen[1]!.request).not.toHaveProperty('topLogprobs')
  })

  it("writes the messages with the model's own template", async () => {
    const chatTemplate =
      '{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% for call in m.tool_calls or [] %}<tool_call>{{ call.function.name }}{{ call.function.arguments | tojson }}{% endfor %}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}'
    const { server, engine } = serve({
      reply: 'x',
      model: { chatTemplate, bosToken: '<s>', eosToken: '</s>' },
    })
    await chat(server, {
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: '1', content: '7' },
      ],
    })
    expect(engine.seen[0]!.prompt).toBe(
      '<s>[system]Be brief.[user]a\nb[assistant]<tool_call>f{}[tool]7[assistant]',
    )
  })

  it('falls back to ChatML for a model without a template', async () => {
    const { server, engine } = serve({ reply: 'x' })
    await chat(server, user('hi'))
    expect(engine.seen[0]!.prompt).toBe('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n')
  })

  it('gives n choices in order, seeded apart', async () => {
    const words = ['slow and long', 'mid', 'q']
    const reply = (request: GenerateRequest) => words[request.sampling.seed! - 40]!
    const { server, engine } = serve({ reply })
    const { json } = await chat(server, { ...user('hi'), n: 3, seed: 40 })
    expect(json().choices.map((choice) => [choice.index, choice.message.content])).toEqual([
      [0, 'slow and long'],
      [1, 'mid'],
      [2, 'q'],
    ])
    expect(engine.seen.map(({ request }) => request.sampling.seed)).toEqual([40, 41, 42])
    expect(new Set(engine.seen.map(({ request }) => request.id)).size).toBe(3)
    const promptTokens = [...engine.seen[0]!.prompt].length
    expect(json().usage).toMatchObject({ prompt_tokens: promptTokens, completion_tokens: 13 + 3 + 1 })
  })

  it('is refused where ignoring a field would give a wrong answer', async () => {
    const { server, engine } = serve()
    for (const [param, value] of Object.entries({
      modalities: ['text', 'audio'],
      web_search_options: {},
    })) {
      const { status, body } = await chat(server, { ...user('hi'), [param]: value })
      expect(status).toBe(400)
      expect(JSON.parse(body).error).toMatchObject({ code: 'unsupported_parameter', param })
    }
    expect(engine.seen).toHaveLength(0)
    const harmless = {
      tools: [],
      functions: [],
      tool_choice: 'none',
      response_format: { type: 'text' },
      modalities: ['text'],
      web_search_options: null,
      prediction: { type: 'content', content: 'hello' },
      prompt_cache_retention: '24h',
    }
    const { status, headers } = await chat(server, { ...user('hi'), ...harmless })
    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('warning')
  })

  it('says how guessing ahead went', async () => {
    const usage = { ...done().usage, draftTokens: 6, acceptedDraftTokens: 4 }
    const { server } = serve({}, { layers: [scripted({ events: [say('Hi'), done('stop', { usage })] })] })
    const drafts = { draft_n: 6, draft_n_accepted: 4 }
    const details = { accepted_prediction_tokens: 4, rejected_prediction_tokens: 2 }
    const shown = { usage: { completion_tokens_details: details }, timings: drafts }
    expect((await chat(server, user('hi'))).json()).toMatchObject(shown)
    const requested = { ...user('hi'), stream: true, stream_options: { include_usage: true } }
    expect(chunksOf((await chat(server, requested)).body).at(-1)).toMatchObject(shown)
    expect((await post(server, '/completion', { prompt: 'hi' })).json()).toMatchObject({ timings: drafts })
  })

  it('is limited in sequences per request', async () => {
    const { server } = serve({}, { limits: { maxSequencesPerRequest: 2 } })
    const { status, body } = await chat(server, { ...user('hi'), n: 3 })
    expect(status).toBe(400)
    expect(JSON.parse(body).error).toMatchObject({ code: 'invalid_request', param: 'n' })
  })

  it('that does not fit the queue is refused whole, with Retry-After', async () => {
    const { server, engine } = serve({
      clock: new ManualClock(),
      tokenMillis: 10,
      maxBatchSize: 1,
      maxQueue: 1,
    })
    const { status, headers, body } = await chat(server, { ...user('hi'), n: 5 })
    expect(status).toBe(429)
    expect(headers['retry-after']).toBe('1')
    expect(JSON.parse(body).error).toMatchObject({ code: 'queue_full', type: 'rate_limit_error' })
    await eventually(() => expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 }))
  })

  it('of many choices listens without a warning of Node about leaks', async () => {
    const warnings: string[] = []
    const note = (warning: Error) => warnings.push(warning.message)
    process.on('warning', note)
    const { server } = serve({ reply: 'x' })
    await chat(server, { ...user('hi'), n: 20 })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  it('leaves random seeds to the engine', async () => {
    const { server, engine } = serve({ reply: 'x' })
    await chat(server, { ...user('hi'), n: 2 })
    for (const { request } of engine.seen) expect(request.sampling).not.toHaveProperty('seed')
  })

  it('ends before a stop string', async () => {
    const { server } = serve({ reply: 'one two three' })
    for (const stop of ['', ['']])
      expect((await chat(server, { ...user('hi'), stop })).json().choices[0]!.message.content).toBe(
        'one two three',
      )
    const { json } = await chat(server, { ...user('hi'), stop: ['thr', 'two', ''] })
    expect(json().choices[0]).toMatchObject({ message: { content: 'one ' }, finish_reason: 'stop' })
  })

  it('spells log-probabilities as OpenAI does', async () => {
    const { server } = serve({ reply: 'é' })
    const { json } = await chat(server, { ...user('hi'), logprobs: true, top_logprobs: 1 })
    const token = { token: 'é', logprob: Math.log(0.5), bytes: [0xc3, 0xa9] }
    expect(json().choices[0]!.logprobs).toEqual({
      content: [{ ...token, top_logprobs: [token] }],
      refusal: null,
    })
  })
})

describe('a streamed chat', () => {
  it('begins with the role and ends with a reason, usage when asked, and [DONE]', async () => {
    const { server } = serve({ reply: 'Hi' })
    const { body, headers } = await chat(server, {
      ...user('hi'),
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(headers['content-type']).toMatch(/^text\/event-stream/)
    const events = chunksOf(body)
    const chunk = {
      id: events[0]!.id,
      object: 'chat.completion.chunk',
      created: events[0]!.created,
      model: 'fake',
      system_fingerprint: events[0]!.system_fingerprint,
      service_tier: 'default',
    }
    const choice = { index: 0, logprobs: null, finish_reason: null }
    const timings = expect.objectContaining({ predicted_n: 2 })
    expect(events).toEqual([
      {
        ...chunk,
        choices: [{ ...choice, delta: { role: 'assistant', content: null, refusal: null } }],
        usage: null,
      },
      { ...chunk, choices: [{ ...choice, delta: { content: 'H' } }], usage: null },
      { ...chunk, choices: [{ ...choice, delta: { content: 'i' } }], usage: null },
      { ...chunk, choices: [{ ...choice, delta: {}, finish_reason: 'stop' }], usage: null },
      { ...chunk, choices: [], usage: expect.objectContaining({ completion_tokens: 2 }), timings },
    ])
  })

  it('omits usage unless requested', async () => {
    const { server } = serve({ reply: 'Hi' })
    const { body } = await chat(server, { ...user('hi'), stream: true })
    expect(body).not.toContain('usage')
    expect(chunksOf(body).at(-1)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      timings: { predicted_n: 2 },
    })
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('reports prompt progress and per-token timings when requested', async () => {
    const { server } = serve({ reply: 'Hi' })
    const requested = { ...user('hi'), stream: true, return_progress: true, timings_per_token: true }
    const { body, headers } = await chat(server, requested)
    expect(headers).not.toHaveProperty('x-hadal-ignored-parameters')
    const chunks = chunksOf(body)
    expect(chunks[0]!.choices[0]!.delta).toMatchObject({ role: 'assistant', content: null })
    expect(chunks[0]).not.toHaveProperty('timings')
    const progress = chunks.flatMap((chunk) => chunk.prompt_progress ?? [])
    expect(progress.at(-1)).toMatchObject({ total: 52, processed: 52 })
    const texts = chunks.filter((chunk) => chunk.choices[0]!.delta.content)
    expect(texts.map((chunk) => chunk.timings!.predicted_n)).toEqual([1, 2])
    expect(chunks.filter((chunk) => chunk.choices[0]!.delta.role)).toHaveLength(1)
    const completion = await complete(server, { ...requested, messages: undefined, prompt: 'hi' })
    expect(completion.body).toContain('"prompt_progress":{"total":2,')
  })

  it('keeps n choices apart', async () => {
    const { server } = serve({ reply: (request) => (request.sampling.seed === 1 ? 'aaaa' : 'bb') })
    const { body } = await chat(server, { ...user('hi'), stream: true, n: 2, seed: 1, logprobs: true })
    const texts = ['', '']
    const ends: string[] = []
    for (const event of chunksOf(body)) {
      const choice = event.choices[0]!
      texts[choice.index] += choice.delta.content ?? ''
      if (choice.delta.content) expect(choice.logprobs!.content![0]!.token).toBe(choice.delta.content)
      if (choice.finish_reason) ends.push(`${choice.index} ${choice.finish_reason}`)
    }
    expect(texts).toEqual(['aaaa', 'bb'])
    expect(ends.sort()).toEqual(['0 stop', '1 stop'])
  })

  it('says whole what a model says, whatever it is', async () => {
    let reply = ''
    const { server } = serve({ reply: () => reply })
    const unit = fc.oneof(
      fc.constantFrom('\n', '\r', '\n\n', 'data: ', '\u2028', '\uFEFF', '\uD83D', '\0', '😀', '[DONE]'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 12 }), async (text) => {
        reply = text
        const said = Buffer.from(text).toString() // a lone surrogate has no UTF-8 encoding
        const { body } = await chat(server, { ...user('hi'), stream: true })
        const events = chunksOf(body)
        expect(events.map((event) => event.choices[0]!.delta.content ?? '').join('')).toBe(said)
        const whole = await chat(server, user('hi'))
        expect(whole.json().choices[0]!.message.content).toBe(said)
      }),
      { numRuns: runs(20, 50) },
    )
  })
})
