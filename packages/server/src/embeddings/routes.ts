/** POST /v1/embeddings of OpenAI, POST /embedding of llama-server, and POST /embeddings, which both have. */

import { type Engine, embeddingsOff, type Prompt } from '@hadal/engine'
import {
  type EmbeddingList,
  type EmbeddingRequest,
  embeddingRequestSchema,
  isNativeEmbedding,
  type NativeEmbeddings,
  type NativeSequence,
  nativeSequences,
  parse,
} from '@hadal/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { embeddingNotPooled, invalidRequest, unsupportedParameter } from '../errors.ts'
import { sequenceTokens } from '../llama-server/read-prompt.ts'
import { namedAs, type PooledRouteContext } from '../pooled-route.ts'
import { normalized } from './normalize.ts'

export function embeddingRoutes(app: FastifyInstance, context: PooledRouteContext): void {
  const route =
    (isNative: (body: unknown) => boolean) =>
    (request: FastifyRequest, reply: FastifyReply): Promise<EmbeddingList | NativeEmbeddings> =>
      embed(request, reply, context, isNative(request.body))
  app.post('/v1/embeddings', route(hasContent))
  app.post('/embeddings', route(isNativeEmbedding))
  app.post(
    '/embedding',
    route(() => true),
  )
}

/** What llama-server answers in its own form on OpenAI's path, too. */
const hasContent = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'content' in body && !('input' in body)

async function embed(
  request: FastifyRequest,
  reply: FastifyReply,
  { models, accepting, inFlight, telemetry }: PooledRouteContext,
  native: boolean,
): Promise<EmbeddingList | NativeEmbeddings> {
  const signal = inFlight.begin(reply.raw)
  const field = hasContent(request.body) ? 'content' : 'input'
  const body = accepting(reply)(parse(embeddingRequestSchema, request.body, field))
  const engine = models.find(body.model)
  check(body, engine, native)
  const inputs = await Promise.all(
    nativeSequences((body.input ?? body.content)!).map((sequence) => promptOf(engine, sequence)),
  )
  const { vectors, tokens } = await engine.embed({ id: request.id, inputs }, signal).catch(namedAs(field))
  const tokenCount = tokens.reduce((sum, each) => sum + each, 0)
  telemetry.textsRead(engine.model.id, tokenCount)
  return native ? nativeAnswer(vectors, body, engine) : openaiAnswer(vectors, tokenCount, body, engine)
}

function check(body: EmbeddingRequest, { model }: Engine, native: boolean): void {
  if (!model.can.embed) throw embeddingsOff(model.id)
  if (!native && model.pooling === 'none') throw embeddingNotPooled(model.id)
  if (native && body.encoding_format === 'base64')
    throw unsupportedParameter('encoding_format', 'base64 in llama-server’s own form').with({
      param: 'encoding_format',
    })
  const { dimensions } = body
  if (dimensions === undefined || dimensions <= model.embeddingLength) return
  const message = `must be at most ${model.embeddingLength}, the width of this model's vectors, got ${dimensions}`
  throw invalidRequest([{ param: 'dimensions', message }]).with({ param: 'dimensions' })
}

/** Text and tokens in turn are put together here; the engine reads either alone. */
async function promptOf(engine: Engine, sequence: NativeSequence): Promise<Prompt> {
  if (typeof sequence === 'string') return sequence
  return sequenceTokens(engine, sequence)
}

type Vectors = readonly (readonly Float32Array[])[]

function openaiAnswer(
  vectors: Vectors,
  tokenCount: number,
  { dimensions, encoding_format, embd_normalize = 2 }: EmbeddingRequest,
  { model }: Engine,
): EmbeddingList {
  return {
    object: 'list',
    data: vectors.map(([vector], index) => {
      const numbers = normalized(vector!, embd_normalize, dimensions)
      const embedding = { object: 'embedding', index } as const
      return encoding_format === 'base64'
        ? { ...embedding, embedding: inBase64(numbers), encoding_format: 'base64' }
        : { ...embedding, embedding: [...numbers] }
    }),
    model: model.id,
    usage: { prompt_tokens: tokenCount, total_tokens: tokenCount },
  }
}

/** Vectors of tokens are left as they are. */
function nativeAnswer(
  vectors: Vectors,
  { dimensions, embd_normalize = 2 }: EmbeddingRequest,
  { model }: Engine,
): NativeEmbeddings {
  const norm = model.pooling === 'none' ? -1 : embd_normalize
  return vectors.map((each, index) => ({
    index,
    embedding: each.map((vector) => [...normalized(vector, norm, dimensions)]),
  }))
}

const inBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
