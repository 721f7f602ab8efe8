/** Which headers are forwarded upstream and back. */

type Incoming = Readonly<Record<string, string | readonly string[] | undefined>>

/** Hop-by-hop, body-specific or credential headers. */
const staysHere =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|host|content-length|content-type|content-encoding|accept-encoding|authorization|x-api-key|api-key|cookie|forwarded|x-forwarded-.*|x-real-ip|x-request-id|:.*)$/

const comesBack =
  /^(content-type|content-encoding|content-language|cache-control|x-ratelimit-.*|openai-.*|x-hadal-.*)$/

export interface OutgoingHeaders {
  readonly id: string
  readonly apiKey: string | undefined
  readonly own: Readonly<Record<string, string>>
  readonly given: Incoming
}

/** `own` overrides the client's headers. */
export function outgoingHeaders({ id, apiKey, own, given }: OutgoingHeaders): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !staysHere.test(name.toLowerCase()))
      headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  if (apiKey !== undefined) {
    headers.authorization = `Bearer ${apiKey}`
    // Anthropic's clients and servers use this header.
    if ('anthropic-version' in headers) headers['x-api-key'] = apiKey
  }
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value
  headers['content-type'] = 'application/json'
  headers['accept-encoding'] = 'identity'
  headers['x-request-id'] = id
  return headers
}

export function incomingHeaders(headers: Incoming): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && comesBack.test(name))
      kept[name] = typeof value === 'string' ? value : value.join(', ')
  return kept
}

const longestRetryAfterMillis = 3_600_000

/** Milliseconds of `Retry-After`, given in seconds or as a date; undefined if absent. */
export function retryAfterMillis(headers: Incoming, wallClock: number): number | undefined {
  const value = headers['retry-after']
  if (typeof value !== 'string') return undefined
  const millis = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - wallClock
  return Number.isFinite(millis) ? Math.min(longestRetryAfterMillis, Math.max(0, millis)) : undefined
}
