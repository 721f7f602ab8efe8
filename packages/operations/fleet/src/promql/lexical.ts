/** Lexical rules for strings, durations, numbers and regular expressions, as in Go and Prometheus 2.53. */

const unitMillis: Readonly<Record<string, number>> = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}

/**
 * `1h30m` in milliseconds; undefined where it is none. Units come in order, each at most once.
 *
 * @internal
 */
export function promqlMillis(text: string): number | undefined {
  const match = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (text === '' || match === null) return undefined
  const counts = match.slice(1)
  return Object.values(unitMillis).reduce((sum, millis, at) => sum + Number(counts[at] ?? 0) * millis, 0)
}

/**
 * Go's time.Duration counts nanoseconds in 63 bits.
 *
 * @internal
 */
export const longestMillis: number = 2 ** 63 / 1e6

/**
 * Without its sign.
 *
 * @internal
 */
export const isPlainNumber = (text: string): boolean =>
  /^(0x[\da-f]+|\d+(\.\d*)?(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf|nan)$/i.test(text)

const plainEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

const escapes = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([\s\S]?))/g

/** A literal's value, or why it is invalid. */
export function unquote(literal: string): { readonly value: string } | { readonly issue: string } {
  const quote = literal[0]!
  if (literal.length < 2 || !literal.endsWith(quote) || endsEscaped(literal))
    return { issue: 'a string without its closing quote' }
  const inner = literal.slice(1, -1)
  if (quote === '`') return { value: inner }
  if (inner.includes('\n')) return { issue: 'a string that is not closed on its line' }
  let issue: string | undefined
  const value = inner.replace(escapes, (all, x, u, long, octal, plain: string | undefined) => {
    const hex = x ?? u ?? long
    const point = hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16)
    if (plain === undefined) {
      const isByte = x !== undefined || octal !== undefined
      if (isByte ? point <= 255 : point <= 0x10ffff && (point < 0xd800 || point > 0xdfff))
        return String.fromCodePoint(point)
    } else if (plain === quote) return plain
    else if (plainEscapes[plain] !== undefined) return plainEscapes[plain]
    issue ??= `the escape ${all.slice(0, 2)} in a string; write a backslash as \\\\`
    return ''
  })
  return issue === undefined ? { value } : { issue }
}

function endsEscaped(literal: string): boolean {
  if (literal[0] === '`') return false
  const slashes = /\\*$/.exec(literal.slice(1, -1))![0].length
  return slashes % 2 === 1
}

/**
 * An expression of Go's RE2 as JavaScript's, anchored as Prometheus does; or why RE2 refuses it. What JavaScript alone
 * has is refused; what RE2 alone has is translated as far as people use it.
 *
 * @internal
 */
export function anchoredRegex(source: string): { readonly regex: RegExp } | { readonly issue: string } {
  const escaped = source.replace(/\\[\s\S]/g, (pair) => pair[0]! + (/[1-9]/.test(pair[1]!) ? '\0' : '.'))
  const foreign = /\(\?(?:[=!]|<[=!])/.exec(escaped)?.[0] ?? (escaped.includes('\0') ? '\\1' : undefined)
  if (foreign !== undefined)
    return { issue: `${foreign}, which RE2 does not support (no lookaround, no backreferences)` }
  let flags = 's'
  const translated = source
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, quoted: string) => quoted.replace(/[^\w\s]/g, '\\$&'))
    .replace(/^\(\?([imsU]+)\)/, (_, said: string) => {
      if (said.includes('i')) flags += 'i'
      return ''
    })
    .replace(/\(\?[imsU-]+(?:\)|(:))/g, (_, colon: string | undefined) => (colon ? '(?:' : ''))
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replace(/\[\[:(\^?)(\w+):\]/g, '[\\w')
  try {
    return { regex: new RegExp(`^(?:${translated})$`, flags) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      issue: why.replace(/^Invalid regular expression: \/\^\(\?:[\s\S]*\)\$\/\w*: /, '').toLowerCase(),
    }
  }
}
