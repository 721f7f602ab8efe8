/** Dependencies of routes that generate nothing. */

import type { Engine } from '@hadal/engine'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Accept } from './answer/accept-body.ts'
import type { Recall } from './dialect.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { RequestDefaults } from './request-defaults.ts'

export interface RouteContext {
  readonly models: ModelDirectory
  /** Loads a model if necessary and keeps it until the response ends. Throws what `ModelDirectory` throws. */
  readonly finding: (reply: FastifyReply, name: string | undefined) => Promise<Engine>
  readonly accepting: (reply: FastifyReply) => Accept
  readonly defaults: RequestDefaults
  /** Looks up reasoning dropped from a request's messages. */
  readonly recalling: (request: FastifyRequest) => Recall
}
