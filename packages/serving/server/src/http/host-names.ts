/**
 * Allowed `Host` names of a server that listens on loopback only. Defends against DNS rebinding: a web page can resolve its own name to
 * 127.0.0.1 and become same-origin with the server, but its name remains in `Host`.
 */

import { hostname } from 'node:os'
import { isLoopback } from './client-address.ts'

/** The host of a `Host` header, lowercase, without port; undefined if invalid. */
export function hostNameOf(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::\d{1,5})?$/i.exec(host)
  return match?.[1]?.toLowerCase().replace(/\.$/, '')
}

/** Names that cannot exist in public DNS; containers use `.internal` to reach their host. */
const ownNames = new Set(['localhost', hostname().toLowerCase(), `${hostname().toLowerCase()}.local`])

/** `extra` are additional names; `*` allows all. */
export function isOwnName(host: string, extra: readonly string[]): boolean {
  if (extra.includes('*')) return true
  const name = hostNameOf(host)
  if (name === undefined) return false
  if (ownNames.has(name) || name.endsWith('.localhost') || name.endsWith('.internal')) return true
  return isLoopback(name.replace(/^\[|\]$/g, '')) || extra.some((each) => each.toLowerCase() === name)
}

/** True if the browser reports the page as served by this server. */
export function isSameOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return false
  const page = new URL(origin)
  return page.host !== '' && page.host === new URL(`${page.protocol}//${host}`).host
}
