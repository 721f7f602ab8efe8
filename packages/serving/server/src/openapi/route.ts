/** GET /openapi.json: describes this server's routes. */

import type { FastifyInstance } from 'fastify'
import { openApiDocument, type RegisteredRoute } from './document.ts'

/** Must be registered before all other routes, which it collects. */
export function openApiRoute(app: FastifyInstance, version: string): void {
  const routes: RegisteredRoute[] = []
  app.addHook('onRoute', ({ method, url, config }) => {
    // Routes for all methods only return errors in their API's format. HEAD is implied by GET.
    if (Array.isArray(method) || method === 'HEAD' || config?.isPage) return
    routes.push({ method, path: url, errors: config?.errors })
  })
  let document: string | undefined
  app.get('/openapi.json', async (_, reply) => {
    document ??= JSON.stringify(openApiDocument(routes, version))
    return reply.type('application/json; charset=utf-8').send(document)
  })
}
