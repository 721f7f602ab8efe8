/** Embeddings over HTTP: OpenAI's API, also through its client, and llama-server's native format. */

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  contextLengthExceeded,
  createFakeEngine,
  type Embeddings,
  type EmbedRequest,
  type FakeEngineOptions,
} from '@hadal/engine'
import type { EmbeddingList, NativeEmbeddings } from '@hadal/protocol'
import { createServer } from '@hadal/server'
import { OpenAIEmbeddings } from '@langchain/openai'
import { embedMany } from 'ai'
import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, expect, it, onTestFinished } from 'vitest'
import { metric, post, type Serving, serve } from './serving.ts'

const width = 4

/** An engine with predictable vectors: the token count, then the first tokens. */
function embedding(server: Parameters<typeof serve>[1] = {}, model: FakeEngineOptions['model'] = {}) {
  const requested: EmbedRequest[] = []
  const serving = serve({ model: { embeddingLength: width, pooling: 'mean', ...model } }, server)
  serving.engine.embed = async (request): Promise<Embeddings> => {
    requested.push(request)
    const texts = await Promise.all(
      request.inputs.map((input) =>
        typeof input === 'string' ? serving.engine.tokenize(input) : [...(input as number[])],
      ),
    )
    return {
      vectors: texts.map((tokens) =>
        model?.pooling === 'none'
          ? tokens.map((token) => Float32Array.of(token, 1, 0, 0))
          : [Float32Array.of(tokens.length, tokens[0] ?? 0, 3, 4)],
      ),
      tokens: texts.map((tokens) => tokens.length),
    }
  }
  return { ...serving, requested }
}

const embed = <Answer = EmbeddingList>(serving: Serving, body: unknown, path = '/v1/embeddings') =>
  post<Answer>(serving.server, path, body)
const length = (vector: readonly number[]): number => Math.hypot(...vector)
const vectorsOf = (answer: EmbeddingList): number[][] =>
  answer.data.map(({ embedding }) => [...(embedding as readonly number[])])

describe('POST /v1/embeddings', () => {
  it('answers in OpenAI’s form, normalised, with its usage', async () => {
    const serving = embedding()
    const { status, json } = await embed(serving, { model: 'fake', input: 'abc', user: 'someone' })
    expect(status).toBe(200)
    const norm = Math.hypot(3, 97, 3, 4)
    expect(json()).toEqual({
      object: 'list',
      model: 'fake',
      data: [
        { object: 'embedding', index: 0, embedding: [3, 97, 3, 4].map((value) => Math.fround(value / norm)) },
      ],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
    expect(await metric(serving.telemetry, 'vllm:prompt_tokens_total{model_name="fake"}')).toBe(3)
  })

  it.each([
    ['', 1],
    ['string', 1],
    [[12, 34, 56], 1],
    [[12, 34, 'string', 56, 78], 1],
    [['string1', 'string2'], 2],
    [['string1', [12, 34, 56]], 2],
    [
      [
        [12, 34, 56],
        [12, 34, 56],
      ],
      2,
    ],
    [
      [
        [12, 34, 56],
        [12, 'string', 34, 56],
      ],
      2,
    ],
    [{ prompt_string: 'text' }, 1],
  ])('takes %j', async (input, count) => {
    const serving = embedding()
    const { status, json } = await embed(serving, { input })
    expect(status).toBe(200)
    expect(json().data.map(({ index }) => index)).toEqual([...Array(count).keys()])
    for (const vector of vectorsOf(json())) expect(length(vector)).toBeCloseTo(1, 5)
  })

  it('hands text and tokens over as they are, and puts a mixture together', async () => {
    const serving = embedding()
    await embed(serving, { input: ['text', [1, 2], [1, 'b', 3]] })
    expect(serving.requested[0]!.inputs).toEqual(['text', [1, 2], [1, 98, 3]])
  })

  it('gives base64 of little-endian floats, the same numbers', async () => {
    const serving = embedding()
    const [floats] = vectorsOf((await embed(serving, { input: 'abc', encoding_format: 'float' })).json())
    const { json } = await embed(serving, { input: 'abc', encoding_format: 'base64' })
    const [{ embedding: text, encoding_format }] = json().data as unknown as [
      { embedding: string; encoding_format: string },
    ]
    const bytes = Buffer.from(text, 'base64')
    expect(Array.from({ length: width }, (_, at) => bytes.readFloatLE(at * 4))).toEqual(floats)
    expect(encoding_format).toBe('base64')
  })

  it('shortens vectors and scales them again', async () => {
    const serving = embedding()
    const [vector] = vectorsOf((await embed(serving, { input: 'abc', dimensions: 2 })).json())
    expect(vector!.map((value) => value / vector![0]!)).toEqual([1, expect.closeTo(97 / 3, 4)])
    expect(length(vector!)).toBeCloseTo(1, 5)
    const { status, json } = await post(serving.server, '/v1/embeddings', { input: 'abc', dimensions: 5 })
    expect(status).toBe(400)
    expect(json().error).toMatchObject({ param: 'dimensions', message: expect.stringContaining('at most 4') })
  })

  it.each([
    [{}, 'input'],
    [{ input: [] }, 'input'],
    [{ input: null }, 'input'],
    [{ input: 7 }, 'input'],
    [{ input: [[]] }, 'input[0]'],
    [{ input: [1.5] }, 'input'],
    [{ input: ['a', null] }, 'input[1]'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
    [{ input: 'a', model: 5 }, 'model'],
  ])('refuses %j', async (body, param) => {
    const { status, json } = await post(embedding().server, '/v1/embeddings', body)
    expect(status).toBe(400)
    expect(json().error).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request', param })
  })

  it('takes as many texts as may be, and any number of tokens', async () => {
    const serving = embedding({ limits: { maxBodyBytes: 2 ** 24 } })
    const input = Array.from({ length: 4096 }, () => 'a')
    expect((await embed(serving, { input })).json().data).toHaveLength(4096)
    expect((await embed(serving, { input: [...input, 'a'] })).status).toBe(400)
    expect((await embed(serving, { input: Array.from({ length: 100_000 }, () => 5) })).status).toBe(200)
  })

  it('names fields it does not know, or refuses them', async () => {
    const body = { input: 'a', truncate_prompt_tokens: 5 }
    const { status, headers } = await embed(embedding(), body)
    expect([status, headers['x-hadal-ignored-parameters']]).toEqual([200, 'truncate_prompt_tokens'])
    expect((await embed(embedding({ strictParameters: true }), body)).status).toBe(400)
  })

  it('says what is wrong with an input under its field', async () => {
    const serving = serve({ contextLength: 8 })
    serving.engine.embed = async () => {
      throw contextLengthExceeded(512, 8, false, 'input 1')
    }
    const { status, json } = await post(serving.server, '/v1/embeddings', { input: ['a', 'b'] })
    expect(status).toBe(400)
    expect(json().error).toMatchObject({
      code: 'context_length_exceeded',
      param: 'input',
      message: expect.stringContaining('input 1 is too large'),
    })
  })

  it('is answered 501 by a model that is not served for it, with the flag', async () => {
    const can = { generate: true, embed: false, rerank: false }
    const { status, json } = await post(embedding({}, { can }).server, '/v1/embeddings', { input: 'a' })
    expect(status).toBe(501)
    expect(json().error).toMatchObject({
      code: 'embeddings_off',
      message: expect.stringContaining('--embeddings'),
    })
  })

  it('has no room for a vector of each token', async () => {
    const serving = embedding({}, { pooling: 'none' })
    const { status, json } = await post(serving.server, '/v1/embeddings', { input: 'a' })
    expect(status).toBe(400)
    expect(json().error.code).toBe('embedding_not_pooled')
  })

  it('ends with its connection', async () => {
    const serving = embedding()
    let heard: AbortSignal | undefined
    serving.engine.embed = (_, signal) => {
      heard = signal
      return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
    }
    const { url } = await serving.server.listen()
    const leaving = new AbortController()
    const request = fetch(`${url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'a' }),
      signal: leaving.signal,
    })
    await expect.poll(() => heard).toBeDefined()
    leaving.abort()
    await expect(request).rejects.toThrow()
    await expect.poll(() => heard!.aborted).toBe(true)
    expect(heard!.reason).toMatchObject({ code: 'client_gone' })
  })

  it('answers every body with 200 or a 400 that says why', async () => {
    const serving = embedding()
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('a', ['a'], [1, 2], 'float', 'base64', 3, -1, null),
    )
    const body = fc.dictionary(
      fc.constantFrom(
        'input',
        'content',
        'model',
        'encoding_format',
        'dimensions',
        'embd_normalize',
        'user',
        'x',
      ),
      value,
    )
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom('/v1/embeddings', '/embeddings', '/embedding'),
        async (each, path) => {
          const { status } = await embed(serving, each, path)
          expect([200, 400, 404]).toContain(status)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('llama-server’s form', () => {
  const native = (serving: Serving, body: unknown, path: string) =>
    embed<NativeEmbeddings>(serving, body, path)

  it.each(['/embedding', '/embeddings'])('is a list of lists at %s', async (path) => {
    const { status, json } = await native(embedding(), { content: ['abc', 'b'] }, path)
    expect(status).toBe(200)
    expect(json().map(({ index, embedding: vectors }) => [index, vectors.length])).toEqual([
      [0, 1],
      [1, 1],
    ])
    expect(length(json()[0]!.embedding[0]!)).toBeCloseTo(1, 5)
  })

  it('is what content asks for, at OpenAI’s path too', async () => {
    expect(Array.isArray((await native(embedding(), { content: 'abc' }, '/v1/embeddings')).json())).toBe(true)
    const openai = await embed(embedding(), { model: 'fake', input: 'abc' }, '/embeddings')
    expect(openai.json().object).toBe('list')
  })

  it('has a vector for each token where nothing pools them, not normalised', async () => {
    const serving = embedding({}, { pooling: 'none' })
    const { json } = await native(serving, { input: 'hello' }, '/embeddings')
    expect(json()[0]!.embedding).toEqual([...'hello'].map((letter) => [letter.codePointAt(0), 1, 0, 0]))
  })

  it.each([
    [-1, [3, 97, 3, 4]],
    [0, [3, 97, 3, 4].map((value) => Math.fround((value / 97) * 32_760))],
    [1, [3, 97, 3, 4].map((value) => Math.fround(value / 107))],
  ])('scales by the requested norm: %i', async (embd_normalize, wanted) => {
    const { json } = await native(embedding(), { content: 'abc', embd_normalize }, '/embedding')
    for (const [at, value] of json()[0]!.embedding[0]!.entries()) expect(value).toBeCloseTo(wanted[at]!, 2)
  })

  it('has its errors in llama-server’s words', async () => {
    const { status, json } = await post(embedding().server, '/embedding', {})
    expect(status).toBe(400)
    expect(json().error).toMatchObject({
      code: 400,
      reason: 'invalid_request',
      param: 'input',
      message: expect.stringContaining('input is required'),
    })
    const base64 = { content: 'a', encoding_format: 'base64' }
    const refused = await post(embedding().server, '/embedding', base64)
    expect(refused.json().error).toMatchObject({ reason: 'unsupported_parameter', param: 'encoding_format' })
    const shared = (body: object) => post(embedding().server, '/embeddings', body)
    expect((await shared({ input: [] })).json().error).toMatchObject({ code: 400 })
    expect((await shared({ input: [], model: 'fake' })).json().error).toMatchObject({
      code: 'invalid_request',
    })
  })
})

/** A listening server whose vectors have two dimensions: token count and 1. */
async function listening(): Promise<{ baseURL: string; apiKey: string }> {
  const server = createServer({ engines: [createFakeEngine({ model: { id: 'nano' } })] })
  onTestFinished(() => server.close())
  return { baseURL: `${(await server.listen()).url}/v1`, apiKey: 'none' }
}
const of = (tokens: number): number[] => [tokens, 1].map((value) => value / Math.hypot(tokens, 1))
const close = (vector: readonly number[]): unknown[] => vector.map((value) => expect.closeTo(value, 5))

describe('the OpenAI SDK', () => {
  const client = async (): Promise<OpenAI> => new OpenAI({ ...(await listening()), maxRetries: 0 })

  it('reads vectors, which it asks for in base64', async () => {
    const openai = await client()
    const { data, usage, model } = await openai.embeddings.create({ model: 'nano', input: ['abc', 'defg'] })
    expect(data.map(({ index }) => index)).toEqual([0, 1])
    expect(data.map(({ embedding: vector }) => vector)).toEqual([close(of(3)), close(of(4))])
    expect({ usage, model }).toEqual({ usage: { prompt_tokens: 7, total_tokens: 7 }, model: 'nano' })
  })

  it('reads them as numbers, and shorter', async () => {
    const openai = await client()
    const { data } = await openai.embeddings.create({
      model: 'nano',
      input: [1, 2, 3],
      encoding_format: 'float',
      dimensions: 1,
    })
    expect(data[0]!.embedding).toEqual([1])
  })

  it('reads errors', async () => {
    const openai = await client()
    const wrong = openai.embeddings.create({ model: 'nano', input: 'a', dimensions: 99 })
    await expect(wrong).rejects.toMatchObject({ status: 400, param: 'dimensions' })
  })
})

describe('the AI SDK', () => {
  it('embeds many', async () => {
    const provider = createOpenAICompatible({ name: 'hadal', ...(await listening()) })
    const { embeddings, usage } = await embedMany({
      model: provider.textEmbeddingModel('nano'),
      values: ['abc', 'defg'],
    })
    expect(embeddings).toEqual([close(of(3)), close(of(4))])
    expect(usage.tokens).toBe(7)
  })
})

describe('LangChain', () => {
  it('embeds documents and queries', async () => {
    const { baseURL, apiKey } = await listening()
    const embeddings = new OpenAIEmbeddings({
      model: 'nano',
      apiKey,
      configuration: { baseURL },
      maxRetries: 0,
    })
    expect(await embeddings.embedDocuments(['abc', 'defg'])).toEqual([close(of(3)), close(of(4))])
    expect(await embeddings.embedQuery('abc')).toEqual(close(of(3)))
  })
})
