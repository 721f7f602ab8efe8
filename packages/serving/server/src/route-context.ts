/** What routes that generate nothing stand on. */

import type { Engine } from '@hadal/engine'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Accept } from './answer/accept-body.ts'
import type { Recall } from './dialect.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { RequestDefaults } from './request-defaults.ts'

export interface RouteContext {
  readonly models: ModelDirectory
  /** A model, loaded if need be, and kept until the answer is over. Throws what `ModelDirectory` throws. */
  readonly finding: (reply: FastifyReply, name: string | undefined) => Promise<Engine>
  readonly accepting: (reply: FastifyReply) => Accept
  readonly defaults: RequestDefaults
  /** Thoughts that the messages of a request have lost. */
  readonly recalling: (request: FastifyRequest) => Recall
}
