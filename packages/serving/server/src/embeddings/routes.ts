/** POST /v1/embeddings (OpenAI), POST /embedding (llama-server) and POST /embeddings (both). */

import { type EmbedInput, type Engine, embeddingsOff, imagesOff, isImageInput } from '@hadal/engine'
import {
  type EmbeddingItem,
  type EmbeddingRequest,
  embeddingItems,
  embeddingRequestSchema,
  isNativeEmbedding,
  parse,
} from '@hadal/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { namedAs, type PooledRouteContext, pooledAnswer } from '../answer/pooled-route.ts'
import { embeddingNotPooled } from '../errors.ts'
import { invalidField, refuse } from '../field-issues.ts'
import { sharedErrors } from '../llama-server/error-body.ts'
import { sequenceTokens, writtenTexts } from '../llama-server/read-prompt.ts'
import { schedulingOf } from '../scheduling.ts'
import { nativeAnswer, openaiAnswer } from './answers.ts'
import { readImage } from './read-image.ts'

export function embeddingRoutes(app: FastifyInstance, context: PooledRouteContext): void {
  for (const [path, isNative] of [
    ['/v1/embeddings', hasContent],
    ['/embeddings', isNativeEmbedding],
    ['/embedding', () => true],
  ] as const)
    app.post(path, { config: { errors: sharedErrors(isNative) } }, (request, reply) =>
      embed(request, reply, context, isNative(request.body)),
    )
}

/** llama-server responds in its native format on OpenAI's path, too. */
const hasContent = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'content' in body && !('input' in body)

function embed(
  request: FastifyRequest,
  reply: FastifyReply,
  context: PooledRouteContext,
  native: boolean,
): Promise<unknown> {
  const { models, accepting, textsRead } = context
  const scheduling = schedulingOf(request)
  return pooledAnswer(request, reply, context, async (given, signal) => {
    const field = hasContent(given) ? 'content' : 'input'
    const body = accepting(reply)(parse(embeddingRequestSchema, given, field))
    const engine = models.find(body.model)
    const { model } = engine
    request.record?.asks({ operation: 'embeddings', model: model.id })
    check(body, engine, native)
    const inputs = await Promise.all(
      embeddingItems((body.input ?? body.content)!).map((item) => inputOf(engine, item, field)),
    )
    if (model.images === undefined && inputs.some(isImageInput))
      throw imagesOff(model.id).with({ param: field })
    const requested = { id: request.id, inputs, ...scheduling }
    const found = await engine.embed(requested, signal).catch(namedAs(field))
    const tokens = found.tokens.reduce((sum, each) => sum + each, 0)
    request.record?.read(tokens)
    textsRead(model.id, tokens)
    return native ? nativeAnswer(found, body, model) : openaiAnswer(found, body, model)
  })
}

function check(body: EmbeddingRequest, { model }: Engine, native: boolean): void {
  if (!model.can.embed) throw embeddingsOff(model.id)
  if (!native && model.pooling === 'none') throw embeddingNotPooled(model.id)
  if (native && body.encoding_format === 'base64')
    refuse('encoding_format', 'base64 in llama-server’s own form')
  const { dimensions } = body
  if (dimensions === undefined || dimensions <= model.embeddingLength) return
  const width = `${model.embeddingLength}, the width of this model's vectors`
  throw invalidField('dimensions', `must be at most ${width}, got ${dimensions}`)
}

/** Concatenates interleaved text and tokens here, because the engine accepts only one of them. */
async function inputOf(engine: Engine, item: EmbeddingItem, field: string): Promise<EmbedInput> {
  if (item.kind === 'image') return { image: readImage(item.image, `${field}${item.place}`) }
  const { sequence } = item
  if (typeof sequence === 'string') return sequence
  const [text] = 'prompt_string' in sequence ? writtenTexts(sequence) : []
  return text ?? sequenceTokens(engine, sequence)
}
