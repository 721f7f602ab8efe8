/** Reranking over HTTP in the formats of Jina, Cohere and Text Embeddings Inference. */

import type { RerankRequest } from '@hadal/engine'
import { contextLengthExceeded } from '@hadal/engine'
import type { RerankAnswer, TeiRerankAnswer } from '@hadal/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metric, post, serve } from './serving.ts'

const query = 'machine'
const documents = ['a machine is', 'learning is', 'machine learning is', 'Paris, capitale']
const scores = [1, -2, 3, -4]
const order = [2, 0, 1, 3]
const probability = (score: number): number => 1 / (1 + Math.exp(-score))

/** Known scores. */
function ranking(server: Parameters<typeof serve>[1] = {}, areProbabilities = false) {
  const requested: RerankRequest[] = []
  const serving = serve({}, server)
  serving.engine.rerank = async (request) => {
    requested.push(request)
    return {
      scores: request.documents.map((_, at) => scores[at] ?? 0),
      areProbabilities,
      tokens: request.documents.map((document) => document.length),
    }
  }
  return { ...serving, requested }
}

const paths = ['/rerank', '/reranking', '/v1/rerank', '/v1/reranking', '/v2/rerank']

describe.each(paths)('POST %s', (path) => {
  it('lists documents, best first, as Jina’s and Cohere’s clients read them', async () => {
    const serving = ranking()
    const { status, json } = await post<RerankAnswer>(serving.server, path, {
      model: 'fake',
      query,
      documents,
    })
    expect(status).toBe(200)
    const answer = json()
    const tokens = documents.join('').length
    expect(answer).toEqual({
      id: expect.stringMatching(/^rerank-/),
      object: 'list',
      model: 'fake',
      results: order.map((index) => ({ index, relevance_score: probability(scores[index]!) })),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      meta: {
        api_version: { version: path === '/v2/rerank' ? '2' : '1' },
        billed_units: { search_units: 1 },
      },
    })
    expect(await metric(serving.telemetry, 'vllm:prompt_tokens_total{model_name="fake"}')).toBe(tokens)
  })

  it('lists texts as Text Embeddings Inference does', async () => {
    const { json } = await post<TeiRerankAnswer>(ranking().server, path, { query, texts: documents })
    expect(json()).toEqual(order.map((index) => ({ index, score: probability(scores[index]!) })))
  })

  it.each([[[]], [null], [123], [[1, 2, 3]], [[{ title: 'no text' }]], [undefined]])(
    'refuses the documents %j',
    async (given) => {
      const { status, json } = await post(ranking().server, path, { query, documents: given })
      expect(status).toBe(400)
      expect(json().error).toMatchObject({
        code: 'invalid_request',
        param: expect.stringMatching(/^documents/),
      })
    },
  )
})

describe('reranking', () => {
  const rerank = (body: object, serving = ranking(), path = '/v1/rerank') =>
    post<RerankAnswer>(serving.server, path, { query, documents, ...body })

  it.each([
    [undefined, 4],
    [2, 2],
    [4, 4],
    [99, 4],
  ])('lists the best %j', async (top_n, count) => {
    const { results } = (await rerank({ ...(top_n !== undefined && { top_n }) })).json()
    expect(results.map(({ index }) => index)).toEqual(order.slice(0, count))
    const tei = await post<TeiRerankAnswer>(ranking().server, '/rerank', { query, texts: documents, top_n })
    expect(tei.json().map(({ index }) => index)).toEqual(order.slice(0, count))
  })

  it('takes documents as objects, and gives their text back where asked to', async () => {
    const objects = documents.map((text) => ({ text }))
    const serving = ranking()
    const { results } = (
      await rerank({ documents: objects, return_documents: true, top_n: 1 }, serving)
    ).json()
    expect(results[0]!.document).toEqual({ text: documents[2] })
    expect(serving.requested[0]!.documents).toEqual(documents)
    const tei = { query, texts: documents, return_text: true, top_n: 1 }
    const { json } = await post<TeiRerankAnswer>(ranking().server, '/rerank', tei)
    expect(json()[0]).toMatchObject({ index: 2, text: documents[2] })
  })

  it('gives raw scores where asked to, and leaves probabilities alone', async () => {
    const raw = (await rerank({ raw_scores: true })).json()
    expect(raw.results.map(({ relevance_score }) => relevance_score)).toEqual([3, 1, -2, -4])
    const tei = { query, texts: documents, raw_scores: true }
    const { json } = await post<TeiRerankAnswer>(ranking().server, '/rerank', tei)
    expect(json().map(({ score }) => score)).toEqual([3, 1, -2, -4])
    const sure = (await rerank({}, ranking({}, true))).json()
    expect(sure.results.map(({ relevance_score }) => relevance_score)).toEqual([3, 1, -2, -4])
  })

  it('cuts long documents where asked to, and at Cohere’s path by default', async () => {
    const serving = ranking()
    await rerank({}, serving)
    await rerank({ truncate: true, max_tokens_per_doc: 7 }, serving)
    await rerank({}, serving, '/v2/rerank')
    await rerank({ max_tokens_per_doc: 9, truncate: false }, serving, '/v2/rerank')
    const { server } = serving
    await post(server, '/rerank', { query, texts: documents, truncate: true, truncation_direction: 'Right' })
    expect(serving.requested.map(({ truncate, maxDocumentTokens }) => [truncate, maxDocumentTokens])).toEqual([
      [false, undefined],
      [true, 7],
      [true, 4096],
      [false, 9],
      [true, undefined],
    ])
    const left = { query, texts: documents, truncate: true, truncation_direction: 'Left' }
    expect((await post(server, '/rerank', left)).json()).toMatchObject({
      code: 'unsupported_parameter',
      error: expect.stringContaining('truncation_direction'),
    })
  })

  it('counts a search unit for each hundred documents', async () => {
    const many = Array.from({ length: 201 }, () => 'a')
    expect((await rerank({ documents: many })).json().meta.billed_units.search_units).toBe(3)
  })

  it('says what is wrong under the client’s field', async () => {
    const serving = ranking()
    serving.engine.rerank = async () => {
      throw contextLengthExceeded(900, 512, false, 'document 3 with the query')
    }
    const { status, json } = await post(serving.server, '/rerank', { query, documents })
    expect(status).toBe(400)
    expect(json().error).toMatchObject({ param: 'documents', message: expect.stringContaining('document 3') })
    for (const wrong of [undefined, null, 5, ['a']])
      expect((await post(serving.server, '/rerank', { query: wrong, documents })).json().error.param).toBe(
        'query',
      )
  })

  it('words errors as the API that is meant does', async () => {
    const { server } = ranking()
    const wrong = async (path: string, body: object) => {
      const { status, json } = await post<unknown>(server, path, body)
      expect(status).toBe(400)
      return json()
    }
    const ofJina = {
      message: expect.stringContaining('query is required'),
      type: 'invalid_request_error',
      param: 'query',
      code: 'invalid_request',
    }
    expect(await wrong('/v1/rerank', { documents })).toEqual({ error: ofJina })
    expect(await wrong('/v2/rerank', { documents })).toEqual({
      id: expect.stringMatching(/^req-/),
      message: ofJina.message,
      error: ofJina,
    })
    expect(await wrong('/rerank', { texts: documents })).toEqual({
      error: ofJina.message,
      error_type: 'Validation',
      code: 'invalid_request',
    })
  })

  it('is answered 501 by a model that is no reranker, with the next step', async () => {
    const { server } = serve({ model: { can: { generate: true, embed: true, rerank: false } } })
    const { status, json } = await post(server, '/v1/rerank', { query, documents })
    expect(status).toBe(501)
    expect(json().error).toMatchObject({
      code: 'reranking_off',
      message: expect.stringContaining('--reranking'),
    })
  })

  it('names fields it does not know, or refuses them', async () => {
    const body = { query, documents, rank_fields: ['text'] }
    const { headers } = await post(ranking().server, '/v1/rerank', body)
    expect(headers['x-hadal-ignored-parameters']).toBe('rank_fields')
    const { status } = await post(ranking({ strictParameters: true }).server, '/v1/rerank', body)
    expect(status).toBe(400)
  })

  it('answers every body with 200 or a 400 that says why', async () => {
    const { server } = ranking()
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a', ['a', 'b'], [{ text: 'a' }], 2, true, null))
    const names = [
      'query',
      'documents',
      'texts',
      'top_n',
      'model',
      'raw_scores',
      'truncate',
      'max_tokens_per_doc',
      'x',
    ]
    const body = fc.dictionary(fc.constantFrom(...names), value)
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom(...paths), async (each, path) => {
        const { status } = await post(server, path, each)
        expect([200, 400, 404]).toContain(status)
      }),
      { numRuns: 300 },
    )
  })
})
