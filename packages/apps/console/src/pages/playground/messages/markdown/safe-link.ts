/** Allowed link targets in model output: web and mail addresses whose text does not misrepresent the target. Everything else stays text. */

export interface SafeLink {
  readonly href: string
  /** Link target in ASCII: `example.com`; for mail, the address. */
  readonly host: string
}

/** Control characters, spaces, lone surrogates, bidirectional controls and zero-width characters. */
const hiddenCharacters = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u

export function safeLink(address: string): SafeLink | undefined {
  if (address.length > 2_048 || hiddenCharacters.test(address) || address.includes('\\')) return undefined
  if (/^mailto:[^@\s<>"'?]+@[\w.-]+(\?|$)/i.test(address)) {
    const [mailbox = ''] = address.slice('mailto:'.length).split('?', 1)
    return { href: `mailto:${encodeURI(mailbox).replaceAll('%25', '%')}`, host: mailbox }
  }
  if (!/^https?:\/\/[^/]/i.test(address) || !URL.canParse(address)) return undefined
  const url = new URL(address)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  // `https://bank.example@other.example` leads to the second.
  if (!isWeb || url.username !== '' || url.password !== '' || url.hostname === '') return undefined
  return { href: url.href, host: url.host }
}

/** Whether the words of a link name another place than it leads to: `[bank.example](https://other.example)`. */
export function namesAnotherHost(words: string, link: SafeLink): boolean {
  const named = /^\s*(?:https?:\/\/)?([\p{L}\p{N}.-]+\.[\p{L}]{2,})(?:[/:?#]|\s*$)/iu.exec(words)?.[1]
  if (named === undefined) return false
  const withoutWww = (host: string): string => host.toLowerCase().replace(/^www\./, '')
  const leadsTo = withoutWww(link.host.replace(/:\d+$/, ''))
  return withoutWww(named) !== leadsTo
}

const turningCharacters = /[\u202A-\u202E\u2066-\u2069]/g

/** Text displayed in character order: bidirectional controls are replaced by their names. */
export function visibleText(text: string): string {
  return text.replace(turningCharacters, (turn) => `⟨U+${turn.charCodeAt(0).toString(16).toUpperCase()}⟩`)
}
