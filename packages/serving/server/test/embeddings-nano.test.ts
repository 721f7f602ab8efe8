/**
 * Embeddings from the bundled model: what llama-server's tests of these routes expect (tools/server/tests/unit/test_embedding.py), as far
 * as they do not need its model.
 */

import type { EmbeddingList, NativeEmbeddings } from '@hadal/protocol'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it } from 'vitest'
import { serveNano } from './nano.ts'
import { post } from './serving.ts'

const server = serveNano({ embeddings: true, pooling: 'last' })
const embed = async (input: unknown, more: object = {}): Promise<EmbeddingList> => {
  const { status, body, json } = await post<EmbeddingList>(server, '/v1/embeddings', { input, ...more })
  expect(status, body).toBe(200)
  return json()
}
const vectors = ({ data }: EmbeddingList): number[][] =>
  data.map(({ embedding }) => [...(embedding as number[])])
const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0)

describe('embeddings', () => {
  it('are normalised', async () => {
    const [vector] = vectors(await embed('I believe the meaning of life is'))
    expect(vector!.length).toBe(256)
    expect(cosine(vector!, vector!)).toBeCloseTo(1, 4)
  })

  it('are the same for the same text, and others for another', async () => {
    const life = 'I believe the meaning of life is'
    const [first, ...rest] = vectors(await embed([life, life, life, life, 'This is another test']))
    for (const vector of rest.slice(0, 3)) expect(cosine(vector, first!)).toBeCloseTo(1, 3)
    expect(cosine(rest[3]!, first!)).toBeLessThan(0.99)
  })

  it.each([
    [['a '.repeat(200), 'b '.repeat(201), 'c '.repeat(202), 'd '.repeat(203)], 4],
    [[12, 34, 'string', 56, 78], 1],
    [['string1', [12, 34, 56]], 2],
    [
      [
        [12, 34, 56],
        [12, 'string', 34, 56],
      ],
      2,
    ],
  ])('are given for %j', async (input, count) => {
    expect(vectors(await embed(input)).map(({ length }) => length)).toEqual(Array(count).fill(256))
  })

  it('count their tokens', async () => {
    const one = await embed('This is a test')
    const { usage } = await embed(['This is a test', 'This is a test'])
    expect(one.usage.prompt_tokens).toBeGreaterThan(3)
    expect(usage).toEqual({
      prompt_tokens: 2 * one.usage.prompt_tokens,
      total_tokens: 2 * one.usage.total_tokens,
    })
  })

  it('say which input is too large', async () => {
    const { status, json } = await post(server, '/v1/embeddings', {
      input: ['a', 'This is a test '.repeat(512)],
    })
    expect(status).toBe(400)
    expect(json().error).toMatchObject({
      code: 'context_length_exceeded',
      param: 'input',
      message: expect.stringContaining('input 1 is too large'),
    })
    const { status: other, json: refused } = await post(server, '/v1/embeddings', { input: [1, 999_999] })
    expect([other, refused().error]).toMatchObject([400, { code: 'invalid_token', param: 'input' }])
  })

  it('need something to read, where the model frames nothing', async () => {
    const { status, json } = await post(server, '/v1/embeddings', { input: '' })
    expect([status, json().error]).toMatchObject([400, { code: 'empty_prompt', param: 'input' }])
  })

  it('are returned in llama-server’s form when requested', async () => {
    const { json } = await post<NativeEmbeddings>(server, '/embedding', {
      content: 'This is a test',
      embd_normalize: -1,
    })
    const [[raw]] = json().map(({ embedding }) => embedding) as [[number[]]]
    const [vector] = vectors(await embed('This is a test'))
    const length = Math.hypot(...raw)
    expect(length).toBeGreaterThan(1.1)
    for (const [at, value] of raw.entries()) expect(value / length).toBeCloseTo(vector![at]!, 4)
  })

  it('are served alongside text generation', async () => {
    const chat = post(server, '/v1/completions', { prompt: 'Once', max_tokens: 32, temperature: 0 })
    const all = await Promise.all(Array.from({ length: 20 }, () => embed(['Once upon a time', 'a test'])))
    for (const each of all) expect(cosine(vectors(each)[0]!, vectors(all[0]!)[0]!)).toBeCloseTo(1, 3)
    expect((await chat).status).toBe(200)
  })

  it('are no ranking', async () => {
    const { status, json } = await post(server, '/v1/rerank', { query: 'a', documents: ['b'] })
    expect([status, json().error.code]).toEqual([501, 'reranking_off'])
  })
})

describe('the OpenAI SDK', () => {
  let client: OpenAI
  beforeAll(async () => {
    client = new OpenAI({ baseURL: `${(await server.listen()).url}/v1`, apiKey: 'dummy', maxRetries: 0 })
  })

  it('reads the same vectors in base64, its default, and as numbers', async () => {
    const requested = { model: 'text-embedding-3-small', input: ['This is a test', 'Write a joke'] }
    const packed = await client.embeddings.create(requested)
    const plain = await client.embeddings.create({ ...requested, encoding_format: 'float' })
    expect(packed.data).toHaveLength(2)
    for (const [index, { embedding }] of packed.data.entries())
      for (const [at, value] of embedding.entries())
        expect(value).toBeCloseTo(plain.data[index]!.embedding[at]!, 5)
  })
})
