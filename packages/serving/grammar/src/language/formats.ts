/**
 * The texts of each `format`, as patterns over the whole text. Where a standard leaves freedom, only forms that every validator accepts are
 * generated: no leap seconds, uppercase T and Z, an offset on every time.
 */

import type { Language } from './language.ts'
import { wholeTextLanguage } from './regex-language.ts'

const month31 = '(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])'
const month30 = '(0[469]|11)-(0[1-9]|[12]\\d|30)'
const leapYear = '(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)'
const date = `(\\d{4}-(${month31}|${month30}|02-(0[1-9]|1\\d|2[0-8]))|${leapYear}-02-29)`
const clock = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?'
const offset = '(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)'
const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = `(${octet}\\.){3}${octet}`
const h16 = '[\\da-fA-F]{1,4}'
const ls32 = `(${h16}:${h16}|${ipv4})`
const ipv6 = [
  `(${h16}:){6}${ls32}`,
  `::(${h16}:){5}${ls32}`,
  `(${h16})?::(${h16}:){4}${ls32}`,
  `((${h16}:){0,1}${h16})?::(${h16}:){3}${ls32}`,
  `((${h16}:){0,2}${h16})?::(${h16}:){2}${ls32}`,
  `((${h16}:){0,3}${h16})?::${h16}:${ls32}`,
  `((${h16}:){0,4}${h16})?::${ls32}`,
  `((${h16}:){0,5}${h16})?::${h16}`,
  `((${h16}:){0,6}${h16})?::`,
].join('|')
const label = '[a-zA-Z\\d]([a-zA-Z\\d-]{0,61}[a-zA-Z\\d])?'
const hostname = `${label}(\\.${label}){0,2}`
const atom = "[a-zA-Z\\d!#$%&'*+/=?^_`{|}~-]+"
const freeLabel = '[a-zA-Z\\d]([a-zA-Z\\d-]*[a-zA-Z\\d])?'
// Labels of any length, as in ajv-formats: counting would multiply with other patterns.
const email = `${atom}(\\.${atom})*@(${freeLabel}\\.)+${freeLabel}`
const escaped = '%[\\da-fA-F]{2}'
const pathCharacter = `([a-zA-Z\\d._~!$&'()*+,;=:@-]|${escaped})`
const query = `(\\?(${pathCharacter}|[/?])*)?`
const fragment = `(#(${pathCharacter}|[/?])*)?`
// The last label starts with a letter; otherwise the host would have to be an IPv4 address.
const host = `(${freeLabel}\\.)*[a-zA-Z]([a-zA-Z\\d-]*[a-zA-Z\\d])?`
const port = '(6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]\\d{4}|[1-9]\\d{0,3})'
const locator = `//(([a-zA-Z\\d._~-]|${escaped})+@)?${host}(:${port})?(/${pathCharacter}*)*`
const url = `https?:${locator}${query}${fragment}`
const opaque = `(mailto|urn|tel|sip|data|doi|did|geo|tag|magnet):/?${pathCharacter}+(/${pathCharacter}*)*`
const uri = `([a-z][a-z\\d+.-]*:${locator}|${opaque})${query}${fragment}`
// No colon, which would end a scheme.
const firstCharacter = `([a-zA-Z\\d._~!$&'()*+,;=@-]|${escaped})`
const relative = `(/|/?${firstCharacter}+(/${pathCharacter}*)*)?${query}${fragment}`
const hexUuid = '[\\da-fA-F]{8}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{12}'
const durationTime = 'T(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S)'
const durationDate = '(\\d{1,9}Y(\\d{1,9}M(\\d{1,9}D)?)?|\\d{1,9}M(\\d{1,9}D)?|\\d{1,9}D)'
const pointerCharacter = '([^~/]|~[01])'
const versioned = (version: number): string =>
  `[\\da-fA-F]{8}-[\\da-fA-F]{4}-${version}[\\da-fA-F]{3}-[89abAB][\\da-fA-F]{3}-[\\da-fA-F]{12}`
const base64 = '([\\da-zA-Z+/]{4})*([\\da-zA-Z+/]{2}==|[\\da-zA-Z+/]{3}=)?'
const prefix32 = '(\\d|[12]\\d|3[0-2])'
const prefix128 = '(\\d|[1-9]\\d|1[01]\\d|12[0-8])'

const patterns: Readonly<Record<string, string>> = {
  date,
  time: clock + offset,
  'date-time': `${date}T${clock}${offset}`,
  duration: `P(\\d{1,9}W|${durationDate}(${durationTime})?|${durationTime})`,
  uuid: hexUuid,
  email,
  'idn-email': email,
  ipv4,
  ipv6,
  hostname,
  'idn-hostname': hostname,
  uri,
  url,
  'http-url': url,
  iri: uri,
  'uri-reference': `(${uri}|${relative})`,
  'iri-reference': `(${uri}|${relative})`,
  'json-pointer': `(/${pointerCharacter}*)*`,
  'relative-json-pointer': `(0|[1-9]\\d{0,8})(#|(/${pointerCharacter}*)*)`,
}

const morePatterns: Readonly<Record<string, string>> = {
  // zod
  guid: hexUuid,
  nanoid: '[\\w-]{21}',
  cuid: '[cC][0-9a-z]{6,}',
  cuid2: '[0-9a-z]+',
  ulid: '[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}',
  xid: '[0-9a-vA-V]{20}',
  ksuid: '[A-Za-z0-9]{27}',
  base64,
  base64url: '([\\w-]{4})*([\\w-]{2,3})?',
  e164: '\\+[1-9]\\d{6,14}',
  mac: '([\\dA-F]{2}:){5}[\\dA-F]{2}|([\\da-f]{2}:){5}[\\da-f]{2}',
  hex: '[\\da-fA-F]*',
  cidrv4: `${ipv4}/${prefix32}`,
  cidrv6: `(${ipv6})/${prefix128}`,
  // pydantic
  'name-email': email,
  ipvanyaddress: `${ipv4}|${ipv6}`,
  ipv4interface: `${ipv4}(/${prefix32})?`,
  ipv6interface: `(${ipv6})(/${prefix128})?`,
  ipvanyinterface: `${ipv4}(/${prefix32})?|(${ipv6})(/${prefix128})?`,
  ...Object.fromEntries([1, 3, 4, 5, 6, 7, 8].map((version) => [`uuid${version}`, versioned(version)])),
  // OpenAPI and ajv-formats
  byte: base64,
  'iso-date-time': `${date}T${clock}${offset}`,
  'iso-time': clock + offset,
}

/** Formats that describe the purpose of a text, not its syntax. */
const free: ReadonlySet<string> = new Set(['binary', 'password', 'path', 'file-path', 'directory-path'])

/** zod's names for accompanying patterns, which are sufficient themselves. */
const nameOfPattern =
  /^(regex|starts_with|ends_with|includes|lowercase|uppercase|template_literal|emoji|\w+_(hex|base64|base64url))$/

export function isNameOfPattern(format: string): boolean {
  return nameOfPattern.test(format)
}

/** Patterns that every generated text of a format matches, and that would be too expensive to enforce again. */
const implied: Readonly<Record<string, readonly string[]>> = {
  hostname: [
    String.raw`^(?=.{1,253}\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\.?$`,
  ],
}

export function isImplied(pattern: string, format: string): boolean {
  return Object.hasOwn(implied, format) && implied[format]!.includes(pattern)
}

/** Names of the enforced formats. */
export const knownFormats: readonly string[] = [...Object.keys(patterns), ...Object.keys(morePatterns)]

const languages = new Map<string, Language>()

/** The language of a format; null if unconstrained; undefined if unknown. */
export function formatLanguage(format: string): Language | null | undefined {
  if (free.has(format)) return null
  const all = Object.hasOwn(patterns, format) ? patterns : morePatterns
  const pattern = Object.hasOwn(all, format) ? all[format] : undefined
  const seen = languages.get(format)
  if (pattern === undefined || seen !== undefined) return seen
  const language = wholeTextLanguage(pattern)
  languages.set(format, language)
  return language
}
