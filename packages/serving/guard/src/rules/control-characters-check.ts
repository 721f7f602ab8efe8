/**
 * Invisible characters that people do not type: controls (`[\x00-\x1F\x7F]`) and their Unicode equivalents. Allows what languages and emoji
 * require: joiners in Persian, Hindi and emoji, flags, directional marks and isolates, soft hyphens, a leading byte order mark.
 */

import type { Check } from '../check.ts'
import type { Match } from './detector.ts'
import { detectorsCheck } from './detectors-check.ts'

export interface ControlCharactersOptions {
  /** Allowed controls; default: tab, line feed and carriage return. */
  readonly allow?: string | undefined
}

/**
 * Adjacent characters of one kind are one finding.
 *
 * @example
 * ```ts
 * import { controlCharactersCheck, createGuard } from '@hadal/guard'
 *
 * const guard = createGuard({
 *   policy: 'off',
 *   checks: [{ name: 'control', layer: 'rules', check: controlCharactersCheck(), action: 'redact' }],
 * })
 * const { text } = await guard.screen('safe\u0000text')
 * text // → 'safetext'
 * ```
 */
export function controlCharactersCheck({ allow = '\t\n\r' }: ControlCharactersOptions = {}): Check {
  const allowed = new Set(Array.from(allow, (character) => character.codePointAt(0)!))
  return detectorsCheck([(text, from) => controlCharactersIn(text, from, allowed)])
}

/** UTF-16 units to classify further, by code. */
const suspects = ((): Uint8Array => {
  const ranges = [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0x34f, 0x34f],
    [0x115f, 0x1160],
    [0x180e, 0x180e],
    [0x200b, 0x200d],
    [0x2028, 0x202e],
    [0x2060, 0x2064],
    [0x206a, 0x206f],
    [0x3164, 0x3164],
    [0xd800, 0xf8ff],
    [0xfdd0, 0xfdef],
    [0xfe00, 0xfe0f],
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
    [0xfff9, 0xfffb],
    [0xfffe, 0xffff],
  ] as const
  const table = new Uint8Array(0x10000)
  for (const [first, last] of ranges) table.fill(1, first, last + 1)
  return table
})()

function* controlCharactersIn(text: string, from: number, allowed: ReadonlySet<number>): Generator<Match> {
  let run: { kind: Kind; start: number; end: number } | undefined
  for (let at = from; at < text.length; at++) {
    if (suspects[text.charCodeAt(at)] === 0) continue
    const start = at
    const code = text.codePointAt(at)!
    if (code > 0xffff) at += 1
    const kind = allowed.has(code) ? undefined : kindOf(code, text, start)
    if (kind === undefined) continue
    if (run?.end === start && run.kind === kind) run.end = at + 1
    else {
      if (run !== undefined) yield matchOf(run)
      run = { kind, start, end: at + 1 }
    }
  }
  if (run !== undefined) yield matchOf(run)
}

const reasons = {
  control: 'control character',
  direction: 'character that reverses the direction of text',
  invisible: 'invisible character',
  separator: 'line or paragraph separator',
  tag: 'invisible tag character',
  'private-use': 'character without a meaning (private use)',
  noncharacter: 'code that is no character',
  surrogate: 'half of a surrogate pair',
} as const
type Kind = keyof typeof reasons

const matchOf = ({ kind, start, end }: { kind: Kind; start: number; end: number }): Match => ({
  rule: `control.${kind}`,
  start,
  end,
  why: reasons[kind],
  replacement: '',
})

/** Undefined for allowed characters. `at` is the position in the text. */
function kindOf(code: number, text: string, at: number): Kind | undefined {
  if (code < 0xa0) return 'control'
  if (code >= 0xd800 && code < 0xe000) return 'surrogate'
  if (code === 0x2028 || code === 0x2029) return 'separator'
  if (code >= 0x202a && code <= 0x202e) return 'direction'
  if ((code & 0xfffe) === 0xfffe || (code >= 0xfdd0 && code <= 0xfdef)) return 'noncharacter'
  if ((code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000) return 'private-use'
  if (code >= 0xe0000 && code < 0xe0080) return isWithinFlag(text, at) ? undefined : 'tag'
  if (isVariationSelector(code)) return isVariationSelector(codeBefore(text, at)) ? 'invisible' : undefined
  if (code > 0xffff) return undefined
  return isNeeded(code, text, at) ? undefined : 'invisible'
}

/** A sequence of them can carry hidden bytes; a single one selects a glyph variant. */
const isVariationSelector = (code: number): boolean =>
  (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef)

const joined =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\u0900-\u0DFF\u0F00-\u109F\u1780-\u17FF]/u
const unspaced = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u
const pictured = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F/u

/** Invisible characters that some scripts require. */
function isNeeded(code: number, text: string, at: number): boolean {
  const before = at === 0 ? '' : String.fromCodePoint(codeBefore(text, at))
  const after = String.fromCodePoint(text.codePointAt(at + 1) ?? 0x20)
  switch (code) {
    case 0x200b:
      return unspaced.test(before) || unspaced.test(after)
    case 0x200c:
      return joined.test(before)
    case 0x200d:
      return joined.test(before) || (pictured.test(before) && pictured.test(after))
    case 0x180e:
      return joined.test(before)
    case 0xfeff:
      return at === 0
    case 0x115f:
    case 0x1160:
      return /[\u1100-\u11FF]/.test(before + after)
    default:
      return false
  }
}

function codeBefore(text: string, at: number): number {
  if (at === 0) return 0
  const unit = text.charCodeAt(at - 1)
  return unit >= 0xdc00 && unit < 0xe000 && at > 1 ? text.codePointAt(at - 2)! : unit
}

/** A black flag, tags, an end tag: the flags of England, Scotland and Wales. At most eight tags. */
function isWithinFlag(text: string, at: number): boolean {
  const from = Math.max(0, at - 16)
  const start = text.slice(from, at).lastIndexOf('\u{1F3F4}')
  return (
    start >= 0 &&
    /^\u{1F3F4}[\u{E0061}-\u{E007A}\u{E0030}-\u{E0039}]{2,6}\u{E007F}/u.test(
      text.slice(from + start, from + start + 18),
    )
  )
}
