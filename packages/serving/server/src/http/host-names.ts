/**
 * The names by which a server may be called that listens for this machine only. A web page can make its own name lead to
 * 127.0.0.1 (DNS rebinding) and then is, to the browser, of one origin with the server; but its name stands in `Host`.
 * Knows nothing of requests.
 */

import { hostname } from 'node:os'
import { isLoopback } from './client-address.ts'

/** Of a `Host` header, in small letters and without the port; undefined for what is none. */
export function hostNameOf(host: string): string | undefined {
  const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::\d{1,5})?$/i.exec(host)
  return match?.[1]?.toLowerCase().replace(/\.$/, '')
}

/** Nobody can have them in the DNS of the world; `.internal` is how containers call the machine they run on. */
const ownNames = new Set(['localhost', hostname().toLowerCase(), `${hostname().toLowerCase()}.local`])

/** `extra` are further names; `*` stands for all. */
export function isOwnName(host: string, extra: readonly string[]): boolean {
  if (extra.includes('*')) return true
  const name = hostNameOf(host)
  if (name === undefined) return false
  if (ownNames.has(name) || name.endsWith('.localhost') || name.endsWith('.internal')) return true
  return isLoopback(name.replace(/^\[|\]$/g, '')) || extra.some((each) => each.toLowerCase() === name)
}

/** Whether a page of that origin is one that this very server gave out, as far as the browser says. */
export function isSameOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !URL.canParse(`http://${host}`)) return false
  const page = new URL(origin)
  return page.host !== '' && page.host === new URL(`${page.protocol}//${host}`).host
}
