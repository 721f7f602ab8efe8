/** Formats of names, keys, ports and addresses required by an API server. Pure. */

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const qualified = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/

/** Undefined where the text is right. */
export type Form = (text: string) => string | undefined

const under = (text: string, most: number): string | undefined =>
  text.length > most ? `has ${text.length} characters, and at most ${most} are allowed` : undefined

export const dnsLabel: Form = (text) =>
  under(text, 63) ??
  (label.test(text)
    ? undefined
    : 'is not a valid RFC 1123 label: use lowercase letters, digits and dashes, with a letter or digit at both ends')

/** RFC 1035: as Services are called before 1.34. */
export const dns1035Label: Form = (text) =>
  under(text, 63) ??
  (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text)
    ? undefined
    : 'is not a valid RFC 1035 label: use lowercase letters, digits and dashes, starting with a letter')

export const dnsSubdomain: Form = (text) =>
  under(text, 253) ??
  (subdomain.test(text)
    ? undefined
    : 'is not a valid RFC 1123 name: use lowercase letters, digits, dashes and dots, with a letter or digit at both ends')

/** RBAC and a few others: whatever can be one step of a URL. */
export const pathSegment: Form = (text) =>
  text === '.' || text === '..' || /[/%]/.test(text) ? 'must not contain / or %, or be . or ..' : undefined

/** Keys of labels and annotations, names of resources: `example.com/name`. */
export const qualifiedName: Form = (text) => {
  const parts = text.split('/')
  if (parts.length > 2) return 'has more than one /'
  const name = parts.at(-1)!
  const prefix = parts.length === 2 ? parts[0]! : undefined
  if (prefix === '') return 'has an empty prefix before the /'
  const wrongPrefix = prefix === undefined ? undefined : dnsSubdomain(prefix)
  if (wrongPrefix !== undefined) return `has a prefix that ${wrongPrefix}`
  if (name === '') return 'has no name'
  if (name.length > 63) return `has a name of ${name.length} characters, and at most 63 are allowed`
  return qualified.test(name)
    ? undefined
    : 'must consist of letters, digits, dashes, underscores and dots, with a letter or digit at both ends'
}

export const labelValue: Form = (text) => {
  if (text === '') return undefined
  return (
    under(text, 63) ??
    (qualified.test(text)
      ? undefined
      : 'must consist of letters, digits, dashes, underscores and dots, with a letter or digit at both ends')
  )
}

/** `http`: names of ports. */
export const portName: Form = (text) => {
  if (text.length > 15) return `has ${text.length} characters, and at most 15 are allowed`
  if (!/^[-a-z0-9]+$/.test(text)) return 'must consist of lowercase letters, digits and dashes'
  if (!/[a-z]/.test(text)) return 'must contain a letter'
  if (text.includes('--')) return 'must not contain two consecutive dashes'
  return text.startsWith('-') || text.endsWith('-') ? 'must not start or end with a dash' : undefined
}

/** Since 1.32 any printable ASCII but `=`. */
export const envName: Form = (text) =>
  /^[\x20-\x3c\x3e-\x7e]+$/.test(text) ? undefined : 'must consist of printable ASCII characters other than ='

/** Keys of ConfigMaps and Secrets, which become file names. */
export const configKey: Form = (text) => {
  if (text.length > 253) return `has ${text.length} characters, and at most 253 are allowed`
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) return 'must consist of letters, digits, dashes, underscores and dots'
  return text === '.' || text.startsWith('..') ? 'must not be . or start with two dots' : undefined
}

export const isPort = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536

/** `30%`. */
export const isPercent = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9]+%$/.test(value)

export function isIp(text: string): boolean {
  return isIpv4(text) || isIpv6(text)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
}

function isIpv6(text: string): boolean {
  if (!text.includes(':') || !/^[0-9a-fA-F:.]+$/.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  let count = 0
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1
    if (isLast && isIpv4(group)) count += 2
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) count += 1
    else return false
  }
  return halves.length === 2 ? count < 8 : count === 8
}

/** `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || !isIp(address)) return false
  return Number(length) <= (address.includes(':') ? 128 : 32)
}
