/** Removes secrets from values before they are shown: those in URLs, and fields named like keys. */

import { isPlainObject } from '@hadal/base'
import { hidden, redactUrl } from './redact-url.ts'

const secretName = /key|token|secret|password|passphrase|authorization|credential|cookie/i
/** Field names that match but hold no secrets. */
const harmless = /tokens$|keys?(Name|Weights|Count)$|PerMinute$|^max/i

/**
 * The value without apparent secrets, for logs.
 *
 * @example
 * ```ts
 * import { redact } from '@hadal/config'
 *
 * redact({ apiKey: 'sk-1234567890abcdef', port: 8080 }) // → { apiKey: 'hidden', port: 8080 }
 * ```
 */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [redactText(name), redactField(name, inner)]),
  )
}

/** By the field's name. */
export function redactField(name: string, inner: unknown): unknown {
  // Any header may contain a key.
  if (/headers$/i.test(name) && isPlainObject(inner))
    return Object.fromEntries(Object.keys(inner).map((header) => [header, hidden]))
  const isSecret = secretName.test(name) && !harmless.test(name)
  return isSecret && inner !== undefined && typeof inner !== 'boolean' ? hidden : redact(inner)
}

/**
 * `postgres://user:hidden@host/`, `https://host/?key=hidden`, anywhere in a text.
 *
 * @example
 * ```ts
 * import { redactText } from '@hadal/config'
 *
 * redactText('cannot reach postgres://ada:s3cret@db/usage') // → 'cannot reach postgres://ada:hidden@db/usage'
 * ```
 */
export function redactText(text: string): string {
  return text
    .replace(
      /([a-z][a-z0-9+.-]*:\/\/)([^\s/?#:@]*)(:[^\s/?#]*)?@/gi,
      (_, scheme: string, user: string, password?: string) =>
        password === undefined ? `${scheme}${hidden}@` : `${scheme}${user}:${hidden}@`,
    )
    .replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, redactUrl)
}
