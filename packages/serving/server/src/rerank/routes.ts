/** Reranking: POST /rerank and its aliases, in the format of Jina and Cohere or of Text Embeddings Inference. */

import { randomUUID } from 'node:crypto'
import { type Relevance, type RerankRequest, rerankingOff, type Scheduling } from '@hadal/engine'
import {
  isTeiRerank,
  parse,
  type RerankAnswer,
  rerankBodySchema,
  type TeiRerankAnswer,
  teiRerankBodySchema,
} from '@hadal/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { namedAs, type PooledRouteContext, pooledAnswer } from '../answer/pooled-route.ts'
import { refuse } from '../field-issues.ts'
import { schedulingOf } from '../scheduling.ts'
import { best } from './best.ts'
import { cohereErrors, rerankErrors } from './errors.ts'

/** Cohere v2 truncates documents, by default to this many tokens. */
const coherePath = '/v2/rerank'
const cohereDocumentTokens = 4096
const paths = ['/rerank', '/reranking', '/v1/rerank', '/v1/reranking', coherePath]

export function rerankRoutes(app: FastifyInstance, context: PooledRouteContext): void {
  for (const path of paths) {
    const isCohere = path === coherePath
    const config = { errors: isCohere ? cohereErrors : rerankErrors }
    app.post(path, { config }, (request, reply) => {
      const scheduling = schedulingOf(request)
      return pooledAnswer(request, reply, context, (body, signal) => {
        const requested = { request, body, accept: context.accepting(reply) }
        const rank = ranking(context, request, scheduling, signal)
        return isTeiRerank(body) ? rankTexts(requested, rank) : rankDocuments(requested, rank, isCohere)
      })
    })
  }
}

type Accept = ReturnType<PooledRouteContext['accepting']>

interface Ranked extends Relevance {
  readonly model: string
  readonly tokenCount: number
}

type Rank = (model: string | undefined, request: RerankRequest, field: string) => Promise<Ranked>

function ranking(
  { models, textsRead }: PooledRouteContext,
  { record }: FastifyRequest,
  scheduling: Scheduling,
  signal: AbortSignal,
): Rank {
  return async (name, request, field) => {
    const engine = models.find(name)
    const { id: model, can } = engine.model
    record?.asks({ operation: 'rerank', model })
    if (!can.rerank) throw rerankingOff(model)
    const relevance = await engine.rerank({ ...request, ...scheduling }, signal).catch(namedAs(field))
    const tokenCount = relevance.tokens.reduce((sum, each) => sum + each, 0)
    record?.read(tokenCount)
    textsRead(model, tokenCount)
    return { ...relevance, model, tokenCount }
  }
}

interface Requested {
  readonly request: FastifyRequest
  readonly body: unknown
  readonly accept: Accept
}

async function rankDocuments(
  { request, body: given, accept }: Requested,
  rank: Rank,
  isCohere: boolean,
): Promise<RerankAnswer> {
  const body = accept(parse(rerankBodySchema, given))
  const documents = body.documents.map((document) =>
    typeof document === 'string' ? document : document.text,
  )
  const maxDocumentTokens = body.max_tokens_per_doc ?? (isCohere ? cohereDocumentTokens : undefined)
  const requested: RerankRequest = {
    id: request.id,
    query: body.query,
    documents,
    truncate: body.truncate ?? isCohere,
    ...(maxDocumentTokens !== undefined && { maxDocumentTokens }),
  }
  const ranked = await rank(body.model, requested, 'documents')
  const { model, tokenCount } = ranked
  return {
    id: `rerank-${randomUUID()}`,
    object: 'list',
    model,
    results: best(ranked, body).map(({ index, score }) => ({
      index,
      relevance_score: score,
      ...(body.return_documents === true && { document: { text: documents[index]! } }),
    })),
    usage: { prompt_tokens: tokenCount, total_tokens: tokenCount },
    meta: {
      api_version: { version: isCohere ? '2' : '1' },
      billed_units: { search_units: Math.ceil(documents.length / 100) },
    },
  }
}

async function rankTexts({ request, body: given, accept }: Requested, rank: Rank): Promise<TeiRerankAnswer> {
  const body = accept(parse(teiRerankBodySchema, given))
  const { model, query, texts, truncate = false } = body
  if (truncate && body.truncation_direction?.toLowerCase() === 'left')
    refuse('truncation_direction', 'cutting off the beginning')
  const ranked = await rank(model, { id: request.id, query, documents: texts, truncate }, 'texts')
  return best(ranked, body).map(({ index, score }) => ({
    index,
    score,
    ...(body.return_text === true && { text: texts[index]! }),
  }))
}
