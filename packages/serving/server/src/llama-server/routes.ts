/** All llama-server routes other than generation. */

import type { FastifyInstance } from 'fastify'
import type { RouteContext } from '../route-context.ts'
import { type AdapterRouteOptions, adapterRoutes } from './adapter-routes.ts'
import { type StateRouteOptions, stateRoutes } from './state-routes.ts'
import { tokenRoutes } from './token-routes.ts'

export interface LlamaServerOptions extends StateRouteOptions, AdapterRouteOptions {}

/** `options` are read on every request. */
export function llamaServerRoutes(
  app: FastifyInstance,
  context: RouteContext,
  options: LlamaServerOptions,
): void {
  tokenRoutes(app, context)
  stateRoutes(app, context, options)
  adapterRoutes(app, context, options)
}
