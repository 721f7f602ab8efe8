import { createFakeEngine } from '@hadal/engine'
import { expect, it } from 'vitest'
import { createServer } from '../create-server.ts'
import {
  adminPrefix,
  adminRoutes,
  openRoutes,
  routeAccess,
  sharedRoutes,
  ticketRoutes,
} from './route-access.ts'

/** Client routes: they return only what the client sent or public information. */
const clientRoutes = [
  /^GET \/openapi\.json$/,
  /^GET (\/anthropic)?(\/v1)?\/models(\/\*|\/:\w+)?$/,
  /^GET \/api\/tags$/,
  /^GET \/props$/,
  /^GET \/lora-adapters$/,
  /^POST (\/v1)?\/(chat\/)?completions?(\/input_tokens)?$/,
  /^POST (\/beta|\/anthropic)?(\/v1)?\/(chat\/completions|completions|messages)(\/count_tokens|\/input_tokens)?$/,
  /^(GET|POST|DELETE) (\/v1)?\/responses(\/.*)?$/,
  /^POST (\/v1|\/api)?\/(embeddings?|rerank(ing)?)$/,
  /^POST (\/v[12])?\/(embeddings?|rerank(ing)?)$/,
  /^POST \/(tokenize|detokenize|apply-template|infill)$/,
  /^GET \/v2(\/models\/stats)?$/,
  /^(GET|POST) \/v2\/models\/:model(\/versions\/:version)?(\/config|\/ready|\/stats|\/infer)?$/,
  /^POST \/v2\/repository\/index$/,
]

async function registered(): Promise<string[]> {
  await using server = createServer({ engines: [createFakeEngine()] })
  const { paths } = (await server.inject('/openapi.json')).json() as {
    paths: Record<string, Record<string, unknown>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
}

it('every route is on a list: for all, for administrators, or for clients', async () => {
  const routes = await registered()
  expect(routes.length).toBeGreaterThan(30)
  const listed = (route: string): boolean =>
    openRoutes.includes(route) ||
    ticketRoutes.includes(route) ||
    adminRoutes.includes(route) ||
    route.split(' ')[1]!.startsWith(adminPrefix) ||
    clientRoutes.some((pattern) => pattern.test(route))
  expect(routes.filter((route) => !listed(route))).toEqual([])
})

it('every route on a list is there', async () => {
  const routes = await registered()
  expect([...openRoutes, ...adminRoutes].filter((route) => !routes.includes(route))).toEqual([])
  expect(sharedRoutes.filter((route) => !adminRoutes.includes(route))).toEqual([])
})

it('what is on no list asks for a key', () => {
  const access = (method: string, url?: string, privateMetrics = false) =>
    routeAccess(method, url, { privateMetrics })
  expect(access('GET', '/new')).toBe('client')
  expect(access('GET')).toBe('client')
  expect(access('HEAD', '/slots')).toBe('admin')
  expect(access('HEAD', '/health')).toBe('open')
  expect(access('POST', '/health')).toBe('client')
  expect(access('DELETE', '/hadal/anything/:new')).toBe('admin')
  expect(access('GET', '/metrics')).toBe('open')
  expect(access('GET', '/metrics', true)).toBe('admin')
  expect(access('GET', '/')).toBe('open')
  expect(access('POST', '/')).toBe('client')
  expect(access('GET', '/assets/*')).toBe('open')
  expect(access('GET', '/assets/*', true)).toBe('open')
})
