/** Maps a request path onto a base URL. Base URLs are written as for OpenAI's clients, with a version, or without a path. */

/** Paths under the version of a base URL; others are relative to its root. */
const versioned =
  /^\/(chat\/completions|completions|embeddings|responses|messages|models|rerank|score|classify)(\/|$)/
const endsInVersion = /\/v\d+[a-z\d]*$/

export function targetUrl(base: string, path: string): string {
  const root = rootOf(base)
  const resource = path.replace(/^\/(?:beta|anthropic)(?=\/)/, '').replace(/^\/v1(?=\/)/, '')
  if (isDeepSeek(root)) return deepSeekUrl(root, path, resource)
  if (!versioned.test(resource)) return `${root}${path}`
  if (endsInVersion.test(base)) return `${base}${resource}`
  const hasOwnPath = new URL(base).pathname !== '/'
  // As in their own clients: OpenAI's add no version to a base URL, Anthropic's do.
  return hasOwnPath && !resource.startsWith('/messages') ? `${base}${resource}` : `${base}/v1${resource}`
}

/** A base URL without its version: where `/health` is. */
export function rootOf(base: string): string {
  return base.replace(endsInVersion, '')
}

const isDeepSeek = (root: string): boolean => new URL(root).hostname === 'api.deepseek.com'

/** Beta features and Anthropic messages have separate paths. */
function deepSeekUrl(root: string, path: string, resource: string): string {
  const { origin } = new URL(root)
  if (resource.startsWith('/messages')) return `${origin}/anthropic/v1${resource}`
  if (path.startsWith('/beta/') || resource === '/completions') return `${origin}/beta${resource}`
  return `${origin}${resource}`
}
