/** Cross-origin requests from the web pages a server is told to trust. Without origins nothing is added. */

import type { FastifyInstance } from 'fastify'

/** `origins` are exact, such as `https://chat.example`; `*` is any. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = (origin: string | undefined): boolean =>
    origin !== undefined && (origins.includes('*') || origins.includes(origin))
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    reply.header('vary', 'Origin')
    if (!allowed(origin)) return
    reply.header('access-control-allow-origin', origin)
    reply.header(
      'access-control-expose-headers',
      'x-request-id, retry-after, warning, x-hadal-ignored-parameters',
    )
    if (request.method !== 'OPTIONS') return
    reply.header('access-control-allow-methods', 'GET, POST')
    reply.header(
      'access-control-allow-headers',
      request.headers['access-control-request-headers'] ?? 'content-type',
    )
    reply.header('access-control-max-age', '600')
    return reply.code(204).send()
  })
}
