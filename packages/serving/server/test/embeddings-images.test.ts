/** Images and texts in POST /v1/embeddings: formats, response order and rejections. */

import { HadalError } from '@hadal/base'
import {
  contextLengthExceeded,
  type EmbedInput,
  type EmbedRequest,
  isImageInput,
  type ModelInfo,
} from '@hadal/engine'
import type { EmbeddingList, ModelList } from '@hadal/protocol'
import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { post, type Serving, serve } from './serving.ts'

const clip: Partial<ModelInfo> = {
  id: 'clip',
  embeddingLength: 4,
  images: { size: 224, tokens: 50 },
  can: { generate: false, embed: true, rerank: false },
}

/** Vectors identify their input: [bytes, 0, 3, 4] for an image, [characters, 1, 3, 4] for a text. */
function serving(model: Partial<ModelInfo> = clip, server: Parameters<typeof serve>[1] = {}) {
  const requested: EmbedRequest[] = []
  const served = serve({ model }, server)
  served.engine.embed = async (request) => {
    requested.push(request)
    return {
      vectors: request.inputs.map((input) => [
        isImageInput(input)
          ? Float32Array.of(input.image.length, 0, 3, 4)
          : Float32Array.of((input as string).length, 1, 3, 4),
      ]),
      tokens: request.inputs.map((input) => (isImageInput(input) ? 50 : (input as string).length)),
    }
  }
  return { ...served, requested }
}

const embed = <Answer = EmbeddingList>({ server }: Serving, body: unknown, headers = {}) =>
  post<Answer>(server, '/v1/embeddings', body, headers)
const png = Buffer.from('89504e470d0a1a0a', 'hex')
const dataUrl = `data:image/png;base64,${png.toString('base64')}`
const picture: EmbedInput = { image: png }

describe('images at POST /v1/embeddings', () => {
  it.each([
    [{ image: dataUrl }, [picture]],
    [{ image: png.toString('base64') }, [picture]],
    [[{ image: dataUrl }], [picture]],
    [{ type: 'image_url', image_url: { url: dataUrl, detail: 'low' } }, [picture]],
    [[{ type: 'image_url', image_url: dataUrl }], [picture]],
    [{ image_url: { url: dataUrl } }, [picture]],
    [{ text: 'a' }, ['a']],
    [{ text: null, image: dataUrl }, [picture]],
    [
      [{ type: 'text', text: 'a' }, 'b', { prompt_string: 'c' }],
      ['a', 'b', 'c'],
    ],
    [
      ['a', { image: dataUrl }, { text: 'b' }, { type: 'image_url', image_url: { url: dataUrl } }],
      ['a', picture, 'b', picture],
    ],
  ])('are taken as %j', async (input, wanted) => {
    const served = serving()
    const { status, json } = await embed(served, { model: 'clip', input })
    expect(status).toBe(200)
    expect(served.requested[0]!.inputs).toEqual(wanted)
    expect(json().data.map(({ index }) => index)).toEqual([...wanted.keys()])
  })

  it('are answered in their order, and count as what their tower reads', async () => {
    const input = [{ image: dataUrl }, 'abc', { image: dataUrl }]
    const { json } = await embed(serving(), { model: 'clip', input, dimensions: 2 })
    const { data, usage } = json()
    expect(data.map(({ embedding }) => (embedding as number[])[1]! > 0)).toEqual([false, true, false])
    for (const { embedding } of data) expect(Math.hypot(...(embedding as number[]))).toBeCloseTo(1, 6)
    expect(usage).toEqual({ prompt_tokens: 103, total_tokens: 103 })
  })

  it('are answered in base64, and through OpenAI’s client', async () => {
    const { server } = serving()
    const { url } = await server.listen()
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none' })
    const input = ['ab', { image: dataUrl }] as unknown as string[]
    // The client requests base64 and decodes it.
    const { data } = await client.embeddings.create({ model: 'clip', input })
    expect(data.map(({ embedding }) => embedding[1]! > 0)).toEqual([true, false])
    expect(Math.hypot(...data[1]!.embedding)).toBeCloseTo(1, 6)
  })

  it.each([
    [{ image: 'https://example.org/a.png' }, 'image_address_refused', 'input.image'],
    [['a', { image: 'file:///etc/passwd' }], 'image_address_refused', 'input[1].image'],
    [
      ['a', 'b', { type: 'image_url', image_url: { url: 'http://[::1]/x' } }],
      'image_address_refused',
      'input[2].image_url.url',
    ],
    [[{ image: dataUrl }, { image: 'no picture' }], 'invalid_request', 'input[1].image'],
    [[{ image: '' }], 'invalid_request', 'input[0].image'],
    [[{ image: 7 }], 'invalid_request', 'input[0].image'],
    [[{ image: dataUrl, text: 'both' }], 'invalid_request', 'input[0]'],
    [[{}], 'invalid_request', 'input[0]'],
    [[{ type: 'image_url', image_url: {} }], 'invalid_request', 'input[0].image_url'],
    [[{ type: 'text', image: dataUrl }], 'invalid_request', 'input[0].type'],
    [[{ type: 'audio', text: 'a' }], 'invalid_request', 'input[0].type'],
    [[{ text: null }], 'invalid_request', 'input[0]'],
    [{ text: 5 }, 'invalid_request', 'input.text'],
    [['a', 5, { image: dataUrl }], 'invalid_request', 'input'],
    [[['a', { image: dataUrl }]], 'invalid_request', 'input[0]'],
    [Array.from({ length: 257 }, () => ({ image: dataUrl })), 'invalid_request', 'input'],
    [Array.from({ length: 4097 }, () => ({ text: 'a' })), 'invalid_request', 'input'],
  ])('are refused as %j', async (input, code, param) => {
    const served = serving()
    const { status, json } = await post(served.server, '/v1/embeddings', { input })
    expect(status).toBe(400)
    expect(json().error).toMatchObject({ code, param })
    expect(served.requested).toEqual([])
  })

  it('reports all issues of a list at once', async () => {
    const input = [{ image: 1 }, 'a', { text: 2 }]
    const { json } = await post(serving().server, '/v1/embeddings', { input })
    expect(json().error.message).toContain('input[0].image must be a string; input[2].text must be a string')
  })

  it('names the image that does not decode', async () => {
    const served = serving()
    const issue = new HadalError('the image in input 1 does not decode', {
      ...{ code: 'image_invalid', status: 400, help: 'Look at it.', param: '[1]' },
    })
    served.engine.embed = () => Promise.reject(issue)
    const { status, json } = await post(served.server, '/v1/embeddings', {
      input: ['a', { image: dataUrl }],
    })
    expect(status).toBe(400)
    expect(json().error).toMatchObject({ code: 'image_invalid', param: 'input[1]' })
    served.engine.embed = () => Promise.reject(contextLengthExceeded(80, 77, false, 'input 0'))
    const other = await post(served.server, '/v1/embeddings', { input: ['a', 'b'] })
    expect(other.json().error).toMatchObject({ code: 'context_length_exceeded', param: 'input' })
  })

  it('larger than a body may be are refused before they are read', async () => {
    const served = serving(clip, { limits: { maxBodyBytes: 1000 } })
    const { status, json } = await post(served.server, '/v1/embeddings', {
      input: { image: 'A'.repeat(2000) },
    })
    expect(status).toBe(413)
    expect(json().error.code).toBe('body_too_large')
  })

  it('are nothing for a model that reads texts only', async () => {
    const { images: _, ...texts } = clip
    const { server } = serving({ ...texts, id: 'bge' })
    const { status, json } = await post(server, '/v1/embeddings', { input: ['a', { image: dataUrl }] })
    expect(status).toBe(501)
    expect(json().error).toMatchObject({ code: 'images_off', param: 'input' })
    expect((await embed({ server } as Serving, { input: { text: 'a' } })).status).toBe(200)
  })

  it('make a capability of their model', async () => {
    const { server } = serving()
    const { data } = JSON.parse((await server.inject('/v1/models')).body) as ModelList
    expect(data[0]!.capabilities).toEqual(['embedding', 'vision'])
  })

  it('answer every body with 200, 400 or 404', async () => {
    const served = serving()
    const text = fc.constantFrom(dataUrl, png.toString('base64'), '', 'a b', 'http://a', 'data:,')
    const object = fc.dictionary(
      fc.constantFrom('text', 'image', 'image_url', 'type', 'url', 'prompt_string', 'x'),
      fc.oneof(text, fc.constantFrom('text', 'image_url'), fc.jsonValue(), fc.record({ url: text })),
    )
    const input = fc.oneof(object, fc.array(fc.oneof(object, text, fc.jsonValue()), { maxLength: 5 }))
    await fc.assert(
      fc.asyncProperty(input, async (each) => {
        expect([200, 400, 404]).toContain((await embed(served, { input: each })).status)
      }),
      { numRuns: 300 },
    )
  })
})
