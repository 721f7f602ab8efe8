/**
 * Removes secrets from a URL: a password, keys in its query or fragment, and secret path segments, as in webhooks of Slack and
 * Discord.
 */

export const hidden = 'hidden'

const secretParameter = /key|token|secret|password|passwd|signature|credential|auth|^sig$|^code$|^hmac$/i

/** `https://example.com/x?token=hidden`. Expects a URL without `user:password@`, which `redactText` removes. */
export function redactUrl(url: string): string {
  const [, start = '', path = '', query = '', fragment = ''] =
    /^([^:]+:\/\/[^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? []
  const shownPath = path.split('/').map((part) => (looksRandom(part) ? hidden : part))
  return `${start}${shownPath.join('/')}${parameters(query)}${parameters(fragment)}`
}

/** `?a=1&b=2` or `#a=1`. */
function parameters(text: string): string {
  const shown = text
    .slice(1)
    .split('&')
    .map((each) => {
      const at = each.indexOf('=')
      const [name, value] = at === -1 ? ['', each] : [each.slice(0, at + 1), each.slice(at + 1)]
      const isSecret = value !== '' && (secretParameter.test(name) || looksRandom(value))
      return isSecret ? `${name}${hidden}` : each
    })
  return `${text.slice(0, 1)}${shown.join('&')}`
}

/** Long, without word separators, letters and digits mixed repeatedly. Checksums of files and commits are not secrets. */
function looksRandom(part: string): boolean {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(part)) return false
  return part.split(/[-._~%]+/).some((word) => {
    const turns = word.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0
    return word.length >= 16 && turns >= 3
  })
}
