/** Every route of llama-server's that generates nothing. */

import type { FastifyInstance } from 'fastify'
import type { RouteContext } from '../route-context.ts'
import { adapterRoutes } from './adapter-routes.ts'
import { type StateRouteOptions, stateRoutes } from './state-routes.ts'
import { tokenRoutes } from './token-routes.ts'

export interface LlamaServerOptions extends StateRouteOptions {
  /** Whether clients may load and unload LoRA adapters. */
  readonly adapterChanges: boolean
}

export function llamaServerRoutes(
  app: FastifyInstance,
  context: RouteContext,
  options: LlamaServerOptions,
): void {
  tokenRoutes(app, context)
  stateRoutes(app, context, options)
  adapterRoutes(app, context, options.adapterChanges)
}
