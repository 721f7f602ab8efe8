/** Access level of every route. Routes not listed here are for clients and require an API key if keys are set. */

export type RouteAccess = 'open' | 'client' | 'admin'

/** No key required: health and readiness for operators. */
export const openRoutes: readonly string[] = [
  'GET /health',
  'GET /v1/health',
  'GET /livez',
  'GET /v2/health/live',
  'GET /v2/health/ready',
  'GET /ready',
  'GET /metrics',
]

/** No key required: the console page, which prompts for a key when its API calls need one. */
export const pageRoutes: readonly string[] = ['GET /', 'GET /icon.svg', 'GET /assets/*']

/** No key required: the URL contains a single-use ticket, valid for a minute, issued to an administrator. */
export const ticketRoutes: readonly string[] = ['GET /reports/:ticket']

/** They reveal other clients' requests or change shared state. */
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

/** Includes everything below it. */
export const adminPrefix = '/hadal/'

/** llama-server clients use these: without admin keys, an API key suffices. */
export const sharedRoutes: readonly string[] = ['GET /slots']

export interface RouteAccessOptions {
  readonly privateMetrics: boolean
}

/** `url` is the route's pattern; undefined if none matched. */
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

/** Frequently polled routes, not logged. */
export const isQuietRoute = (method: string, url: string): boolean => {
  const route = routeName(method, url)
  return (
    openRoutes.includes(route) ||
    pageRoutes.includes(route) ||
    (route.startsWith('GET ') && url.startsWith(adminPrefix))
  )
}

/** Every GET route also serves HEAD. */
export const routeName = (method: string, url: string): string =>
  `${method === 'HEAD' ? 'GET' : method} ${url}`
