/**
 * Who may ask which route. The one list: what stands in neither part of it is for clients, with an API key where there
 * are any. Knows nothing of keys.
 */

export type RouteAccess = 'open' | 'client' | 'admin'

/** Ask for no key: they tell operators how the server is. */
export const openRoutes: readonly string[] = [
  'GET /health',
  'GET /v1/health',
  'GET /livez',
  'GET /v2/health/live',
  'GET /v2/health/ready',
  'GET /ready',
  'GET /metrics',
]

/** The console: a page, which asks for keys itself where what it asks for does. */
export const pageRoutes: readonly string[] = ['GET /', 'GET /icon.svg', 'GET /assets/*']

/** Ask for no key, for their address is one: it was made for an administrator, for once and for a minute. */
export const ticketRoutes: readonly string[] = ['GET /reports/:ticket']

/** Show what others do, or change what others get. */
export const adminRoutes: readonly string[] = [
  'GET /decisions',
  'GET /slots',
  'POST /slots/:id',
  'POST /props',
  'POST /lora-adapters',
  'POST /v1/load_lora_adapter',
  'POST /v1/unload_lora_adapter',
  'POST /models/load',
  'POST /models/unload',
  'POST /v2/repository/models/:model/load',
  'POST /v2/repository/models/:model/unload',
]

/** Everything under it, too. */
export const adminPrefix = '/hadal/'

/** Clients of llama-server look there: where there are no admin keys, an API key will do. */
export const sharedRoutes: readonly string[] = ['GET /slots']

export interface RouteAccessOptions {
  readonly privateMetrics: boolean
}

/** `url` is the route's pattern, undefined where none matched. */
export function routeAccess(
  method: string,
  url: string | undefined,
  { privateMetrics }: RouteAccessOptions,
): RouteAccess {
  if (url === undefined) return 'client'
  const route = routeName(method, url)
  if (privateMetrics && url === '/metrics') return 'admin'
  if ([...openRoutes, ...pageRoutes, ...ticketRoutes].includes(route)) return 'open'
  return adminRoutes.includes(route) || url.startsWith(adminPrefix) ? 'admin' : 'client'
}

/** What operators and their pages ask all the time is worth no line in the log. */
export const isQuietRoute = (method: string, url: string): boolean => {
  const route = routeName(method, url)
  return (
    openRoutes.includes(route) ||
    pageRoutes.includes(route) ||
    (route.startsWith('GET ') && url.startsWith(adminPrefix))
  )
}

/** HEAD comes with every GET. */
export const routeName = (method: string, url: string): string =>
  `${method === 'HEAD' ? 'GET' : method} ${url}`
