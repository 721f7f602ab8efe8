/**
 * Custom regular expressions, run by re2js, a JavaScript port of RE2: linear time for any pattern, unlike V8's. The package `re2` would be
 * faster but requires a native binary.
 */

import { messageOf } from '@hadal/base'
import { RE2JS } from 're2js'
import type { Detector, Match } from './detector.ts'
import { guardPatternInvalid } from './errors.ts'

export interface UserPattern {
  /** Suffix of the rule name `pattern.`. */
  readonly name: string
  /** https://github.com/google/re2/wiki/Syntax: no lookarounds, no backreferences. */
  readonly pattern: string
  readonly ignoreCase?: boolean | undefined
  /** Shown to reviewers. */
  readonly why?: string | undefined
  /** Default: `[name]`. */
  readonly replacement?: string | undefined
  /** Maximum guaranteed match length in UTF-16 units; default 256. Streaming holds back this much text. */
  readonly reach?: number | undefined
}

/** Longer ones are data, not patterns. */
const longestPattern = 4000
/** Maximum sum of `{n}` repetitions, which are expanded before compilation. */
const maxRepeats = 2000
/** Worst-case time is the text length times this. */
const maxInstructions = 5000
const usualReach = 256
const longestReach = 65_536
/** Windows overlap per `reach`. */
const windowReaches = 4

const compiledBefore = new WeakMap<readonly UserPattern[], readonly Detector[]>()

/** Compiled once per list. Throws `guard_pattern_invalid`. */
export function patternDetectors(patterns: readonly UserPattern[]): readonly Detector[] {
  const before = compiledBefore.get(patterns)
  if (before !== undefined) return before
  const detectors = patterns.map((pattern) => detectorOf(pattern, compile(pattern)))
  compiledBefore.set(patterns, detectors)
  return detectors
}

function detectorOf({ name, why, replacement, reach = usualReach }: UserPattern, compiled: RE2JS): Detector {
  const found = {
    rule: `pattern.${name}`,
    why: why ?? `pattern ${name}`,
    replacement: replacement ?? `[${name}]`,
  }
  return {
    disjoint: true,
    *find(text, from) {
      if (from > 0 || compiled.test(text)) yield* matchesIn(text, from, reach, compiled, found)
    },
    openFrom: (text) => Math.max(0, text.length - reach),
  }
}

/**
 * A single search is linear, but repeated ones may be quadratic, because each can scan the whole rest. So the text is searched in windows.
 */
function* matchesIn(
  text: string,
  from: number,
  reach: number,
  compiled: RE2JS,
  found: Omit<Match, 'start' | 'end'>,
): Generator<Match> {
  for (let at = from; ; ) {
    // One character of context, for word and line boundaries.
    const before = Math.max(0, at - 1)
    const end = Math.min(text.length, at + windowReaches * reach)
    const isLast = end === text.length
    const settled = isLast ? end : end - reach
    const matcher = compiled.matcher(text.slice(before, end))
    while (at <= settled && matcher.find(at - before)) {
      const [start, stop] = [matcher.start() + before, matcher.end() + before]
      if (start >= settled && !isLast) break
      if (stop > start) yield { ...found, start, end: stop }
      at = Math.max(stop, start + 1)
    }
    if (isLast) return
    at = Math.max(at, settled)
  }
}

function compile({ name, pattern, ignoreCase = false, reach = usualReach }: UserPattern): RE2JS {
  const invalid = (why: string, help: string, cause?: unknown) =>
    guardPatternInvalid(name, pattern, why, help).with({ cause })
  if (pattern.length > longestPattern)
    throw invalid(
      `it has ${pattern.length} characters`,
      `Use at most ${longestPattern}; several patterns are as fast as one.`,
    )
  if (!(Number.isSafeInteger(reach) && reach > 0 && reach <= longestReach))
    throw invalid(`its reach is ${reach}`, `Let it be a whole number from 1 to ${longestReach}.`)
  const repeats = repeatsOf(pattern)
  if (repeats > maxRepeats)
    throw invalid(
      `its counts come to ${repeats}`,
      `Let {n} come to at most ${maxRepeats}, or write + or * without a bound.`,
    )
  const unsupported = unsupportedIn(pattern)
  if (unsupported !== undefined) throw invalid(unsupported.why, unsupported.help)
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (cause) {
    throw invalid(
      whyOf(pattern, cause),
      'See https://github.com/google/re2/wiki/Syntax for what can be written.',
      cause,
    )
  }
  const size = compiled.programSize()
  if (size > maxInstructions)
    throw invalid(
      `it becomes ${size} instructions`,
      `Make it simpler: at most ${maxInstructions}. Counts within counts multiply.`,
    )
  if (compiled.testExact(''))
    throw invalid('it matches the empty text', 'Let it need at least one character: + instead of *.')
  return compiled
}

function repeatsOf(pattern: string): number {
  let sum = 0
  for (const [, least, most] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    sum += Math.max(Number(least), Number(most ?? 0))
  return sum
}

interface Unsupported {
  readonly find: RegExp
  readonly what: string
  readonly help: string
}

/** Syntax of other engines that RE2 lacks, because it cannot run in linear time. */
const unsupportedSyntax: readonly Unsupported[] = [
  {
    find: /\(\?[=!]/,
    what: 'a lookahead',
    help: 'RE2 looks at nothing it does not match: match what follows, too, or use \\b for the end of a word.',
  },
  {
    find: /\(\?<[=!]/,
    what: 'a lookbehind',
    help: 'RE2 looks at nothing it does not match: match what stands before, too, or use \\b for the start of a word.',
  },
  {
    find: /\\(?:[1-9]|k[<{'])/,
    what: 'a backreference',
    help: 'RE2 does not remember what a group matched: write the alternatives out.',
  },
  { find: /\(\?>/, what: 'an atomic group', help: 'RE2 never goes back, so write (?: ) instead.' },
  {
    find: /[*+?}]\+/,
    what: 'a possessive quantifier',
    help: 'RE2 never goes back, so leave the second + out.',
  },
]

function unsupportedIn(pattern: string): { why: string; help: string } | undefined {
  // Escapes and classes are blanked, because they are not syntax; backreferences are detected first.
  const blank = (matched: string): string => ' '.repeat(matched.length)
  const bare = pattern.replace(/\\(?![1-9k])[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/g, blank)
  for (const { find, what, help } of unsupportedSyntax) {
    const at = bare.search(find)
    if (at >= 0) return { why: `it has ${what} at character ${at + 1}`, help }
  }
  return undefined
}

/** RE2 reports the offending fragment. */
function whyOf(pattern: string, cause: unknown): string {
  const said = messageOf(cause).replace(/^error parsing regexp: /, '')
  const piece = /: `([\s\S]*)`$/.exec(said)?.[1]
  const at = piece === undefined || piece === '' ? -1 : pattern.indexOf(piece)
  return at < 0 ? said : `${said} at character ${at + 1}`
}
