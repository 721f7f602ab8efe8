/** CORS for trusted web pages. Without configured origins no headers are added. */

import type { FastifyInstance, FastifyReply } from 'fastify'

/**
 * `origins`, read on every request, are exact, such as `https://chat.example`; `*` allows any, `localhost` any origin of this machine.
 * Credentials are allowed only for origins listed by name.
 */
export function allowOrigins(app: FastifyInstance, origins: () => readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const allowed = origins()
    if (allowed.length === 0) return
    const { origin } = request.headers
    add(reply, 'Vary', 'Origin')
    if (origin === undefined) return
    const isNamed = allowed.includes(origin) || (allowed.includes('localhost') && isLocal(origin))
    const isAllowed = isNamed || allowed.includes('*')
    if (isAllowed) {
      add(reply, 'Access-Control-Allow-Origin', origin)
      if (isNamed) add(reply, 'Access-Control-Allow-Credentials', 'true')
      add(reply, 'Access-Control-Expose-Headers', readable)
    }
    if (request.method !== 'OPTIONS') return
    if (isAllowed) {
      add(reply, 'Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE, OPTIONS')
      // Listed by name because `*` does not cover Authorization (https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name).
      const requested = request.headers['access-control-request-headers']
      add(reply, 'Access-Control-Allow-Headers', requested ?? 'content-type')
      add(reply, 'Access-Control-Max-Age', '600')
    }
    return reply.code(200).send()
  })
}

/** Response headers exposed beyond the CORS-safelisted ones. */
const readable = [
  'x-request-id',
  'request-id',
  'retry-after',
  'warning',
  'x-hadal-ignored-parameters',
  'x-hadal-timeline',
  ...['requests', 'tokens'].flatMap((kind) =>
    ['limit', 'remaining', 'reset'].map((what) => `x-ratelimit-${what}-${kind}`),
  ),
].join(', ')

/** Keeps the conventional header case, which some clients rely on; Fastify would lowercase it. */
const add = (reply: FastifyReply, name: string, value: string): void => void reply.raw.setHeader(name, value)

function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname)
}
