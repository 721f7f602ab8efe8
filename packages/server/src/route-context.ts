/** What routes that generate nothing stand on. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Accept } from './accept-body.ts'
import type { Recall } from './dialect.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { RequestDefaults } from './request-defaults.ts'

export interface RouteContext {
  readonly models: ModelDirectory
  readonly accepting: (reply: FastifyReply) => Accept
  readonly defaults: RequestDefaults
  /** Thoughts that the messages of a request have lost. */
  readonly recalling: (request: FastifyRequest) => Recall
}
