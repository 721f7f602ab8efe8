/**
 * Redacts a capture before it is saved: passwords in URLs, values of fields named key, token or password, strings that look like
 * keys, known secrets, and names of users and machines.
 */

import { redactText } from '@hadal/config'
import type { Capture, RawReading } from './capture.ts'

export interface Known {
  /** Values that are secrets on this machine: of its variables and its config. Shorter ones than 6 characters are words. */
  readonly secrets: readonly string[]
  /** `/home/ada`: becomes `/home/user`. */
  readonly home?: string | undefined
  readonly user?: string | undefined
  readonly host?: string | undefined
}

export const hidden = 'hidden'
const shortestSecret = 6

/**
 * The same capture without them. A text that was JSON still is, of the same form.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { parseCapture, redactCapture } from '@hadal/doctor'
 *
 * const capture = parseCapture(readFileSync('capture.json', 'utf8'), 'capture.json')
 * const shown = redactCapture(capture, { secrets: [], home: '/home/ada', user: 'ada', host: 'lab-3' }) // to be given away
 * ```
 */
export function redactCapture(capture: Capture, known: Known): Capture {
  const clean = cleaner(known)
  const readings = Object.entries(capture.readings).map(([name, reading]) => [
    name,
    cleanReading(reading, clean),
  ])
  return { ...capture, readings: Object.fromEntries(readings) }
}

function cleanReading(reading: RawReading, clean: (text: string) => string): RawReading {
  const text = reading.text === undefined ? {} : { text: cleanText(reading.text, clean) }
  return 'failed' in reading
    ? { failed: reading.failed, detail: clean(reading.detail), ...text }
    : { ...reading, ...(text as { text: string }) }
}

function cleanText(text: string, clean: (text: string) => string): string {
  if (!/^\s*[{[]/.test(text)) return clean(text)
  try {
    return JSON.stringify(cleanValue(JSON.parse(text), clean, 0))
  } catch {
    return clean(text)
  }
}

const secretName = /key|token|secret|password|passwd|passphrase|authorization|credential|cookie|signature/i
/** Match `secretName`, but hold numbers, names or states. */
const harmlessName = /tokens$|keys?(Name|Weights|Count|Mode|File)$|PerMinute$|^max|^(tokens|keys)$/i
const deepest = 64

function cleanValue(value: unknown, clean: (text: string) => string, depth: number): unknown {
  if (depth > deepest) return hidden
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, clean, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value)
  // `{ name: 'API_KEY', value: '...' }`, as variables of containers are.
  const isNamedSecret = fields.some(
    ([name, inner]) => name === 'name' && typeof inner === 'string' && secretName.test(inner),
  )
  return Object.fromEntries(
    fields.map(([name, inner]) => {
      const isSecret =
        (secretName.test(name) && !harmlessName.test(name)) || (name === 'value' && isNamedSecret)
      return [clean(name), isSecret ? withoutTexts(inner, clean) : cleanValue(inner, clean, depth + 1)]
    }),
  )
}

/** Keeps numbers, booleans. */
function withoutTexts(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return value === '' ? '' : hidden
  if (Array.isArray(value)) return value.map((item) => withoutTexts(item, clean))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [clean(name), withoutTexts(inner, clean)]),
  )
}

/** Keys that are known by how they begin, and blocks of PEM. Each in linear time. */
const looksLikeKey: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g,
  /\bsk-[\w-]{8,}/g,
  /\b(?:hf|gh[pousr]|github_pat|glpat|xox[abprs]|npm|pypi|nvapi)[_-][\w-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[\w-]{8,2000}\.[\w-]{4,}(?:\.[\w-]*)?/g,
]

function cleaner({ secrets, home, user, host }: Known): (text: string) => string {
  const long = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortestSecret)
    .sort((a, b) => b.length - a.length)
  const inJson = long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
  const names: [RegExp, string][] = []
  if (home !== undefined && home.length > 1 && home !== '/root')
    names.push([new RegExp(escaped(home), 'g'), '/home/user'])
  if (isName(user)) names.push([word(user), 'user'])
  if (isName(host)) names.push([word(host), 'host'])
  return (text) => {
    let clean = text
    for (const secret of inJson) clean = clean.replaceAll(secret, hidden)
    for (const look of looksLikeKey) clean = clean.replace(look, hidden)
    clean = clean
      .replace(
        /\b(bearer|basic)([ \t]+)[\w.~+/=-]{6,}/gi,
        (_, scheme: string, gap: string) => `${scheme}${gap}${hidden}`,
      )
      .replace(flag, hideValue)
      .replace(field, hideValue)
      .replace(/\S+/g, withoutPassword)
    for (const [pattern, name] of names) clean = clean.replace(pattern, name)
    return clean.replace(/\/(home|Users)\/(?!user\b)[^/\s"':,;]+/g, '/$1/user')
  }
}

/** `--api-key x`, and `API_KEY=x`, `x-api-key: x`, `"password": "x"`. Names are bounded, so that the time is in proportion to the text. */
const flag =
  /(?<![\w-])(--?[\w-]{0,40}(?:key|token|secret|passw|credential)[\w-]{0,40})([= \t][ \t]{0,8})(?!-)("[^"\n]*"|'[^'\n]*'|[^\s"',]+)/gi
const field =
  /\b(\w{0,40}(?:key|token|secret|passw|passphrase|credential)\w{0,40}\\?["']?)([=:][ \t]{0,8})(\\?"[^"\n]*"|'[^'\n]*'|[^\s"',]+)/gi

const hideValue = (all: string, name: string, gap: string): string => {
  const bare = name.replace(/\\?["']$/, '')
  return harmlessName.test(bare) ? all : `${name}${gap}${hidden}`
}

const longestUrl = 8192

const withoutPassword = (word: string): string => {
  if (!word.includes('://')) return word
  return word.length > longestUrl ? hidden : redactText(word)
}

/** Words that are everywhere would take texts apart. */
const usualNames = new Set([
  'root',
  'user',
  'host',
  'node',
  'hadal',
  'localhost',
  'admin',
  'ubuntu',
  'debian',
  'main',
  'worker',
])
const isName = (name: string | undefined): name is string =>
  name !== undefined && name.length >= 3 && !usualNames.has(name.toLowerCase())

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const word = (text: string): RegExp => new RegExp(`(?<![\\w-])${escaped(text)}(?![\\w-])`, 'g')
