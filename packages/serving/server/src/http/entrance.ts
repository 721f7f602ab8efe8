/**
 * Who is let in: by key, by where a request comes from, and by the name and the web page it comes under. Decides for one
 * request at a time, by the settings of that moment. Knows nothing of what routes do.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { givenKey, isOneOf } from '../api-keys.ts'
import { invalidApiKey, routeNotFound } from '../errors.ts'
import type { ClientOrigin } from './client-address.ts'
import { isOwnName, isSameOrigin } from './host-names.ts'
import { adminKeyNeeded, hostNotAllowed, originNotAllowed } from './http-errors.ts'
import { routeAccess, routeName, sharedRoutes } from './route-access.ts'

/** Read at each request: with getters, they may change while a server runs. A list that has not changed is the same list. */
export interface EntranceSettings {
  readonly apiKeys: readonly string[]
  readonly adminKeys: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly hostNames: readonly string[]
  readonly privateMetrics: boolean
  /** Keys are known elsewhere, too: whoever has none of those above is asked about there. */
  readonly asksElsewhere: boolean
}

export interface Arrival {
  readonly method: string
  /** The pattern of the route that matched, which has one spelling, and the path as it came. */
  readonly route: string | undefined
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly origin: ClientOrigin
  /** Which address it came in by; `only` is one for both. */
  readonly listener: 'only' | 'main' | 'admin'
  /** The server can be reached from this machine only. */
  readonly listensLocally: boolean
}

/** `askElsewhere`: let in, if those know the key who are asked elsewhere. Throws what keeps it out. */
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

/** Without an admin key. */
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
 * Browsers name no origin where a page asks for an image or a script. It cannot read what comes; but that it was asked for is
 * enough to start something. Whoever follows a link is let in. https://www.w3.org/TR/fetch-metadata/
 */
function checkEmbedding(headers: IncomingHttpHeaders): void {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  if ((site === 'cross-site' || site === 'same-site') && mode !== 'navigate')
    throw originNotAllowed('another site')
}

/** HTTP/1.0 has no names, nor has it pages that made one up. Of what comes by a proxy, the proxy knows the name. */
function checkName({ headers, origin }: Arrival, { hostNames }: EntranceSettings): void {
  const { host } = headers
  if (host === undefined || origin.host !== undefined) return
  if (!isOwnName(host, hostNames)) throw hostNotAllowed(host)
}
