/** Lists the files of a repository on a Hugging Face hub or a mirror. */

import { formatMillis, type HadalError } from '@hadal/base'
import { hubAccessDenied, hubFailed, hubRepoNotFound, hubUnreachable } from './errors.ts'
import { followRedirects } from './follow-redirects.ts'
import { type HubFile, readHubFiles } from './hub-listing.ts'
import { retryAfterMillis } from './retry-after.ts'
import type { DownloadContext } from './transfer.ts'
import { whyFetchFailed } from './why-fetch-failed.ts'

export interface Hub {
  /** Without a trailing slash. */
  readonly endpoint: string
  readonly token: string | undefined
}

export function hubFromEnvironment(env: Readonly<Record<string, string | undefined>>): Hub {
  const endpoint = (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '')
  return { endpoint, token: env.HF_TOKEN || undefined }
}

const maxPages = 100
const attempts = 3

/** Throws `hub_*`. */
export async function listHubFiles(
  hub: Hub,
  repo: string,
  revision: string,
  context: DownloadContext,
): Promise<HubFile[]> {
  const files: HubFile[] = []
  let url: string | undefined =
    `${hub.endpoint}/api/models/${repo}/tree/${encodeURIComponent(revision)}?recursive=true`
  for (let page = 0; url !== undefined && page < maxPages; page += 1) {
    const response: Response = await ask(hub, url, repo, context)
    const entries: unknown = await response.json().catch(() => undefined)
    if (!Array.isArray(entries)) throw hubFailed(hub.endpoint, 'answered something that is no list of files')
    files.push(...readHubFiles(entries))
    url = nextPage(response, url)
  }
  return files
}

export function hubFileUrl(hub: Hub, repo: string, revision: string, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return `${hub.endpoint}/${repo}/resolve/${encodeURIComponent(revision)}/${encoded}`
}

/** Maps an error status to an error. */
export function hubRefusal(hub: Hub, repo: string, status: number): HadalError {
  const hasToken = hub.token !== undefined
  // Without authentication, the hub also returns 401 for repositories that do not exist.
  if (status === 404 || (status === 401 && !hasToken)) return hubRepoNotFound(repo, hasToken)
  if (status === 401 || status === 403) return hubAccessDenied(repo, status, hasToken)
  return hubFailed(hub.endpoint, `answered with status ${status}`)
}

async function ask(hub: Hub, url: string, repo: string, context: DownloadContext): Promise<Response> {
  const headers: Record<string, string> =
    hub.token === undefined ? {} : { authorization: `Bearer ${hub.token}` }
  for (let attempt = 1; ; attempt += 1) {
    let why: string
    let requested: number | undefined
    try {
      const timeout = AbortSignal.timeout(context.stallMillis)
      const signal = context.signal === undefined ? timeout : AbortSignal.any([context.signal, timeout])
      const response = await followRedirects(context.fetch, { url, headers, signal, isChecked: false })
      if (response.ok) return response
      await response.body?.cancel()
      const refusal = hubRefusal(hub, repo, response.status)
      if (response.status !== 429 && response.status < 500) throw refusal
      if (attempt >= attempts) throw refusal
      why = refusal.message
      requested = retryAfterMillis(response.headers)
    } catch (error) {
      context.signal?.throwIfAborted()
      const isTimeout = (error as Error).name === 'TimeoutError'
      if (!isTimeout && !(error instanceof TypeError)) throw error
      why = isTimeout
        ? `no response within ${formatMillis(context.stallMillis)}`
        : whyFetchFailed(error as Error)
      if (attempt >= attempts) throw hubUnreachable(hub.endpoint, why).with({ cause: error })
    }
    const waitMillis = requested ?? 500 * 2 ** attempt
    context.onProgress({ type: 'retrying', file: repo, reason: why, waitMillis })
    await context.clock.sleep(waitMillis, context.signal)
  }
}

/** From `Link: <...>; rel="next"`; only on the same host, because the token is sent along. */
function nextPage(response: Response, current: string): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1]
  if (link === undefined) return undefined
  const url = new URL(link, current)
  return url.origin === new URL(current).origin ? url.href : undefined
}
