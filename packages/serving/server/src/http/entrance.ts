/** Request admission by API key, client address, `Host` and `Origin`. Decides one request at a time with the current settings. */

import type { IncomingHttpHeaders } from 'node:http'
import { givenKey, isOneOf } from '../api-keys.ts'
import { invalidApiKey, routeNotFound } from '../errors.ts'
import type { ClientOrigin } from './client-address.ts'
import { isOwnName, isSameOrigin } from './host-names.ts'
import { adminKeyNeeded, hostNotAllowed, originNotAllowed } from './http-errors.ts'
import { routeAccess, routeName, sharedRoutes } from './route-access.ts'

/** Read on every request, so getters may change at runtime. An unchanged list keeps its identity. */
export interface EntranceSettings {
  readonly apiKeys: readonly string[]
  readonly adminKeys: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly hostNames: readonly string[]
  readonly privateMetrics: boolean
  /** Other keys are verified elsewhere (accounts). */
  readonly asksElsewhere: boolean
}

export interface Arrival {
  readonly method: string
  /** The matched route's pattern, which is canonical, and the raw path. */
  readonly route: string | undefined
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly origin: ClientOrigin
  /** The listener that received the request; `only` if there is a single one. */
  readonly listener: 'only' | 'main' | 'admin'
  /** The server listens on loopback only. */
  readonly listensLocally: boolean
}

/** `askElsewhere`: admitted if the accounts accept the key. Throws the rejection. */
export function admit(arrival: Arrival, settings: EntranceSettings): 'in' | 'askElsewhere' {
  const { method, route, headers, listener } = arrival
  const access = routeAccess(method, route, settings)
  const isThere = listener === 'only' || access === 'open' || (access === 'admin') === (listener === 'admin')
  const isKeyless = settings.apiKeys.length === 0 && !settings.asksElsewhere
  if (isKeyless && arrival.listensLocally) checkName(arrival, settings)
  if (!isThere) throw routeNotFound(method, arrival.url)
  if (access === 'open') return 'in'
  const key = givenKey(headers)
  if (key !== undefined && isOneOf(settings.adminKeys, key)) return 'in'
  if (access === 'admin') admitAdmin(arrival, settings, isKeyless)
  if (isKeyless) return 'in'
  if (key !== undefined && isOneOf(settings.apiKeys, key)) return 'in'
  if (settings.asksElsewhere) return 'askElsewhere'
  throw invalidApiKey(key !== undefined)
}

/** Admin access without an admin key. */
function admitAdmin(arrival: Arrival, settings: EntranceSettings, isKeyless: boolean): void {
  const { method, route = '', headers, origin } = arrival
  const name = routeName(method, route)
  if (settings.adminKeys.length > 0) throw adminKeyNeeded(name, true)
  if (!isKeyless && sharedRoutes.includes(name)) return
  if (!origin.isLocal) throw adminKeyNeeded(name, false)
  checkName(arrival, settings)
  const page = headers.origin
  if (page === undefined) checkEmbedding(headers)
  else if (!settings.corsOrigins.includes(page) && !isSameOrigin(page, headers.host ?? ''))
    throw originNotAllowed(page)
}

/**
 * Browsers send no `Origin` for image or script requests. The page cannot read the response, but the request itself may have side effects.
 * Link navigation is allowed. https://www.w3.org/TR/fetch-metadata/
 */
function checkEmbedding(headers: IncomingHttpHeaders): void {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if ((site === 'cross-site' || site === 'same-site') && mode !== 'navigate')
    throw originNotAllowed('another site')
}

/** HTTP/1.0 has no `Host`, and browsers do not use it. Behind a proxy, the proxy checks the name. */
function checkName({ headers, origin }: Arrival, { hostNames }: EntranceSettings): void {
  const { host } = headers
  if (host === undefined || origin.host !== undefined) return
  if (!isOwnName(host, hostNames)) throw hostNotAllowed(host)
}
