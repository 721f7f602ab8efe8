/** POST /tokenize, /detokenize and /apply-template: what the model makes of text, without generating any. */

import { prepareChat } from '@hadal/chat'
import type { Engine } from '@hadal/engine'
import {
  type AppliedTemplate,
  chatRequestSchema,
  type DetokenizeAnswer,
  detokenizeRequestSchema,
  parse,
  type TokenizeAnswer,
  type TokenPiece,
  tokenizeRequestSchema,
} from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { askedFormat } from '../openai/answer-format.ts'
import { readChat } from '../openai/read-chat.ts'
import { chatByDefault } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import { llamaServerErrors } from './error-body.ts'
import { mixedTokens } from './read-prompt.ts'

export function tokenRoutes(app: FastifyInstance, { models, accepting, defaults }: RouteContext): void {
  const config = { errors: llamaServerErrors }

  app.post('/tokenize', { config }, async (request, reply): Promise<TokenizeAnswer> => {
    const body = accepting(reply)(parse(tokenizeRequestSchema, request.body, 'content'))
    const engine = models.find(body.model)
    const tokens = await mixedTokens(engine, body.content ?? [], {
      addSpecial: body.add_special ?? false,
      parseSpecial: body.parse_special ?? true,
    })
    return { tokens: body.with_pieces === true ? await withPieces(engine, tokens) : tokens }
  })

  app.post('/detokenize', { config }, async (request, reply): Promise<DetokenizeAnswer> => {
    const body = accepting(reply)(parse(detokenizeRequestSchema, request.body, 'tokens'))
    return { content: await models.find(body.model).detokenize(body.tokens ?? []) }
  })

  app.post('/apply-template', { config }, async (request, reply): Promise<AppliedTemplate> => {
    const body = accepting(reply)(parse(chatRequestSchema, request.body))
    const chat = chatByDefault(defaults, readChat(body, askedFormat(body)))
    return { prompt: prepareChat(models.find(body.model).model, chat).pieces.join('') }
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

async function withPieces(engine: Engine, tokens: readonly number[]): Promise<TokenPiece[]> {
  const pieces = await engine.pieces(tokens)
  return pieces.map((bytes, index) => ({ id: tokens[index]!, piece: textOrBytes(bytes) }))
}

function textOrBytes(bytes: readonly number[]): string | readonly number[] {
  try {
    return utf8.decode(Uint8Array.from(bytes))
  } catch {
    return bytes
  }
}
