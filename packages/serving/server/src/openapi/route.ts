/** GET /openapi.json: the routes of this very server, described. */

import type { FastifyInstance } from 'fastify'
import { openApiDocument, type RegisteredRoute } from './document.ts'

/** Before all other routes, which it takes note of. */
export function openApiRoute(app: FastifyInstance, version: string): void {
  const routes: RegisteredRoute[] = []
  app.addHook('onRoute', ({ method, url, config }) => {
    // Paths with all methods are no routes, but errors in the words of their API. HEAD comes with every GET.
    if (Array.isArray(method) || method === 'HEAD' || config?.isPage) return
    routes.push({ method, path: url, errors: config?.errors })
  })
  let document: string | undefined
  app.get('/openapi.json', async (_, reply) => {
    document ??= JSON.stringify(openApiDocument(routes, version))
    return reply.type('application/json; charset=utf-8').send(document)
  })
}
