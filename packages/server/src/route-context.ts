/** What routes that generate nothing stand on. */

import type { FastifyReply } from 'fastify'
import type { Accept } from './accept-body.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { RequestDefaults } from './request-defaults.ts'

export interface RouteContext {
  readonly models: ModelDirectory
  readonly accepting: (reply: FastifyReply) => Accept
  readonly defaults: RequestDefaults
}
