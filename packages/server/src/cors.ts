/** Cross-origin requests from the web pages a server is told to trust. Without origins nothing is added. */

import type { FastifyInstance, FastifyReply } from 'fastify'

/** `origins` are exact, such as `https://chat.example`; `*` is any, `localhost` any of this machine. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = (origin: string): boolean =>
    origins.includes('*') || origins.includes(origin) || (origins.includes('localhost') && isLocal(origin))
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    add(reply, 'Vary', 'Origin')
    if (origin === undefined) return
    const isAllowed = allowed(origin)
    if (isAllowed) {
      add(reply, 'Access-Control-Allow-Origin', origin)
      add(reply, 'Access-Control-Allow-Credentials', 'true')
      add(
        reply,
        'Access-Control-Expose-Headers',
        'x-request-id, request-id, retry-after, warning, x-hadal-ignored-parameters',
      )
    }
    if (request.method !== 'OPTIONS') return
    if (isAllowed) {
      add(reply, 'Access-Control-Allow-Methods', 'GET, POST, DELETE, OPTIONS')
      // By name: `*` does not stand for Authorization (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
      const asked = request.headers['access-control-request-headers']
      add(reply, 'Access-Control-Allow-Headers', asked ?? 'content-type')
      add(reply, 'Access-Control-Max-Age', '600')
    }
    return reply.code(200).send()
  })
}

/** Some clients look for headers as they are commonly written; Fastify's own would be in small letters. */
const add = (reply: FastifyReply, name: string, value: string): void => void reply.raw.setHeader(name, value)

function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname)
}
