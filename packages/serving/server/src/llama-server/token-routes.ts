/** POST /tokenize, /detokenize and /apply-template: tokenization and templating without generation. */

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
import { sendList } from '../answer/json-pieces.ts'
import { requestedFormat } from '../openai/answer-format.ts'
import { readChat } from '../openai/read-chat.ts'
import { chatByDefault } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import { llamaServerErrors } from './error-body.ts'
import { mixedTokens } from './read-prompt.ts'

export function tokenRoutes(app: FastifyInstance, context: RouteContext): void {
  const { finding, accepting, defaults, recalling } = context
  const config = { errors: llamaServerErrors }

  app.post('/tokenize', { config }, async (request, reply) => {
    const body = accepting(reply)(parse(tokenizeRequestSchema, request.body, 'content'))
    const engine = await finding(reply, body.model)
    const tokens = await mixedTokens(engine, body.content ?? [], {
      addSpecial: body.add_special ?? false,
      parseSpecial: body.parse_special ?? true,
    })
    const around = (items: TokenizeAnswer['tokens']): TokenizeAnswer => ({ tokens: items })
    return body.with_pieces === true
      ? sendList(reply, { items: await withPieces(engine, tokens), around })
      : sendList(reply, { items: tokens, around })
  })

  app.post('/detokenize', { config }, async (request, reply): Promise<DetokenizeAnswer> => {
    const body = accepting(reply)(parse(detokenizeRequestSchema, request.body, 'tokens'))
    const engine = await finding(reply, body.model)
    return { content: await engine.detokenize(body.tokens ?? []) }
  })

  app.post('/apply-template', { config }, async (request, reply): Promise<AppliedTemplate> => {
    const body = accepting(reply)(parse(chatRequestSchema, request.body))
    const chat = chatByDefault(defaults, readChat(body, requestedFormat(body), recalling(request)))
    const { model } = await finding(reply, body.model)
    return { prompt: (await prepareChat(model, chat)).pieces.join('') }
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

async function withPieces(engine: Engine, tokens: readonly number[]): Promise<Iterable<TokenPiece>> {
  const distinct = [...new Set(tokens)]
  const pieces = await engine.pieces(distinct)
  const written = new Map(
    distinct.map((id, index): [number, TokenPiece] => [id, { id, piece: textOrBytes(pieces[index]!) }]),
  )
  return described(tokens, written)
}

function* described(
  tokens: readonly number[],
  written: ReadonlyMap<number, TokenPiece>,
): Generator<TokenPiece> {
  for (const id of tokens) yield written.get(id)!
}

function textOrBytes(bytes: readonly number[]): string | readonly number[] {
  try {
    return utf8.decode(Uint8Array.from(bytes))
  } catch {
    return bytes
  }
}
