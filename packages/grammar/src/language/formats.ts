/**
 * The texts that each `format` admits, as patterns over the whole text. Where a standard leaves freedom, the form that
 * every validator accepts is written: no leap seconds, upper-case T and Z, an offset on every time.
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
const hostname = `${label}(\\.${label}){0,3}`
const atom = "[a-zA-Z\\d!#$%&'*+/=?^_`{|}~-]+"
const freeLabel = '[a-zA-Z\\d]([a-zA-Z\\d-]*[a-zA-Z\\d])?'
// Labels of any length, as in ajv-formats: counting them would multiply with patterns beside the format.
const email = `${atom}(\\.${atom})*@(${freeLabel}\\.)+${freeLabel}`
const escaped = '%[\\da-fA-F]{2}'
const pathCharacter = `([a-zA-Z\\d._~!$&'()*+,;=:@-]|${escaped})`
const query = `(\\?(${pathCharacter}|[/?])*)?`
const fragment = `(#(${pathCharacter}|[/?])*)?`
const authority = `(([a-zA-Z\\d._~-]|${escaped})+@)?${hostname}(:\\d{1,5})?`
const scheme = '[a-zA-Z][a-zA-Z\\d+.-]*'
const uri = `${scheme}:(//${authority}(/${pathCharacter}*)*|(/?${pathCharacter}+(/${pathCharacter}*)*))${query}${fragment}`
const relative = `(/|(/?[a-zA-Z\\d._~-]+)(/${pathCharacter}*)*)?${query}${fragment}`
const hexUuid = '[\\da-fA-F]{8}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{12}'
const durationTime = 'T(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S)'
const durationDate = '(\\d{1,9}Y(\\d{1,9}M(\\d{1,9}D)?)?|\\d{1,9}M(\\d{1,9}D)?|\\d{1,9}D)'
const pointerCharacter = '([^~/]|~[01])'

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
  iri: uri,
  'uri-reference': `(${uri}|${relative})`,
  'iri-reference': `(${uri}|${relative})`,
  'json-pointer': `(/${pointerCharacter}*)*`,
  'relative-json-pointer': `(0|[1-9]\\d{0,8})(#|(/${pointerCharacter}*)*)`,
}

/** Formats that say what a text is for, not how it is written. */
const free: ReadonlySet<string> = new Set(['binary', 'password', 'path', 'file-path', 'directory-path'])

/** Names of the formats that are enforced. */
export const knownFormats: readonly string[] = Object.keys(patterns)

const languages = new Map<string, Language>()

/** What the format admits; null when it admits every text; undefined when it is not known. */
export function formatLanguage(format: string): Language | null | undefined {
  if (free.has(format)) return null
  const pattern = Object.hasOwn(patterns, format) ? patterns[format] : undefined
  const seen = languages.get(format)
  if (pattern === undefined || seen !== undefined) return seen
  const language = wholeTextLanguage(pattern)
  languages.set(format, language)
  return language
}
