/**
 * Follows redirects like `fetch`, but does not downgrade from https to plain http, where the content could be tampered with.
 * Credentials are sent to the first origin only.
 */

import { insecureRedirect } from './errors.ts'

export interface Requested {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** The content is verified by other means: plain http is then allowed. */
  readonly isChecked: boolean
  /** Called for every response, including redirects, before it is followed or read: a returned error is thrown. */
  readonly refuse?: (response: Response) => Error | undefined
}

/** The limit of the fetch standard. */
const maxRedirects = 20
const redirects: readonly number[] = [301, 302, 303, 307, 308]

/** Throws `insecure_redirect`, the error of `refuse`, and what `fetch` throws. */
export async function followRedirects(fetch: typeof globalThis.fetch, requested: Requested): Promise<Response> {
  const { signal, isChecked } = requested
  let url = new URL(requested.url)
  let headers = requested.headers
  for (let followed = 0; followed <= maxRedirects; followed += 1) {
    const response = await fetch(url.href, { headers, signal, redirect: 'manual' })
    const refusal = requested.refuse?.(response)
    if (refusal !== undefined) {
      await response.body?.cancel()
      throw refusal
    }
    const location = response.headers.get('location')
    if (!redirects.includes(response.status) || location === null) return response
    await response.body?.cancel()
    if (!URL.canParse(location, url.href)) throw new TypeError(`it redirects to ${JSON.stringify(location)}`)
    const next = new URL(location, url.href)
    if (url.protocol === 'https:' && next.protocol !== 'https:' && !isChecked)
      throw insecureRedirect(requested.url, next.href)
    if (next.origin !== url.origin) headers = withoutCredentials(headers)
    url = next
  }
  throw new TypeError(`it redirects more than ${maxRedirects} times`)
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  )
}
