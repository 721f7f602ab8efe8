/** Whether a text holds what nobody else may read: a URL with a password, a key in its query, or a path that is one. */

const url = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi
const secretParameter = /key|token|secret|password|passwd|signature|credential|auth|^sig$|^code$|^hmac$/i

/** Every URL in it is looked at. */
export function holdsCredentials(text: string): boolean {
  return [...text.matchAll(url)].some(([found]) => urlHolds(found))
}

function urlHolds(text: string): boolean {
  const [, authority = '', rest = ''] = /^[^:]+:\/\/([^/?#]*)(.*)$/s.exec(text) ?? []
  if (authority.includes('@')) return true
  const [beforeFragment = '', fragment = ''] = split(rest, '#')
  const [path, query = ''] = split(beforeFragment, '?')
  const parameters = [...query.split('&'), ...fragment.split('&')].map((each) => split(each, '='))
  if (parameters.some(([name = '', value = '']) => value !== '' && secretParameter.test(name))) return true
  return [...path!.split('/'), ...parameters.map(([, value = '']) => value)].some(looksRandom)
}

function split(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + by.length)]
}

/**
 * As keys in the paths of webhooks are (Slack's, Discord's, Teams'): long, without the marks that part words, and with letters
 * among digits again and again. Checksums look so, too: `#sha256=` says that it is one.
 */
function looksRandom(part: string): boolean {
  if (/^[0-9a-f]{64}$/i.test(part)) return false
  return part.split(/[-._~%]+/).some((word) => {
    if (word.length < 16) return false
    const turns = word.match(/[a-z](?=\d)|\d(?=[a-z])|[a-z](?=[A-Z])/gi)?.length ?? 0
    return turns >= 3
  })
}
