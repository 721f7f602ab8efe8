/**
 * Randomized smoothing of a check: also runs it on several copies of the text with random words removed, and takes the majority. The
 * removed words are derived from a secret and the text. With fresh randomness per query, an attacker could simply retry, which made evasion
 * easier (90 of 100 attacks within 150 queries; 85 without smoothing).
 */

import type { Check, CheckResult, Screened, View } from '../check.ts'
import { isThenable } from '../pipeline/is-thenable.ts'
import { wordDropped } from './seeded-words.ts'

export interface SmoothedOptions {
  readonly secret: string | Uint8Array
  readonly copies: number
  /** Fraction of words each copy omits. */
  readonly dropped: number
  readonly normalize: (text: string) => string
  readonly viewsOf: (text: string) => readonly View[]
}

/**
 * Copies are made of the original text, including encodings and invisible characters, and are read in every view. Case and homoglyph
 * variants of a text lose the same words.
 *
 * @example
 * ```ts
 * import { classifierCheck, loadClassifier, normalize, smoothed, viewsOf } from '@hadal/guard'
 *
 * const check = smoothed(classifierCheck(loadClassifier(), { falsePositiveRate: 0.01 }), {
 *   secret: process.env.GUARD_SECRET ?? '', // keeps the choice of copies secret
 *   copies: 7,
 *   dropped: 0.1, // of each copy's characters
 *   normalize,
 *   viewsOf,
 * })
 * ```
 */
export function smoothed(check: Check, options: SmoothedOptions): Check {
  const { secret, copies, dropped, normalize, viewsOf } = options
  return (screened) => {
    // The original view, which is truncated to the readable length.
    const { text } = screened.views[0] ?? screened
    const texts = wordDropped(text, normalize(text), secret, copies, dropped)
    const answers = [check(screened), ...texts.map((text) => check(copyOf(screened, text, viewsOf)))]
    return answers.some(isThenable)
      ? Promise.all(answers).then((results) => majority(results, screened))
      : majority(answers as CheckResult[], screened)
  }
}

function copyOf(
  { role, language, key }: Screened,
  text: string,
  viewsOf: SmoothedOptions['viewsOf'],
): Screened {
  let views: readonly View[] | undefined
  return {
    text,
    role,
    language,
    key,
    get views() {
      views ??= viewsOf(text)
      return views
    },
  }
}

/** The first result is for the text itself. */
function majority(results: readonly CheckResult[], { text }: Screened): CheckResult {
  const [own] = results as readonly [CheckResult]
  if (own.abstained !== undefined) return own
  const suspicions = results.flatMap(({ suspicion }) => suspicion ?? []).sort((a, b) => a - b)
  const suspicion = suspicions[Math.floor(suspicions.length / 2)]
  const found = results.filter(({ findings }) => findings.length > 0)
  const scored = suspicion === undefined ? {} : { suspicion }
  if (found.length * 2 <= results.length) return { findings: [], ...scored }
  if (own.findings.length > 0) return { findings: own.findings, ...scored }
  const { rule, nearest } = found[0]!.findings[0]!
  return {
    findings: [
      {
        rule,
        span: { start: 0, end: text.length },
        view: 'original',
        why: `so say ${found.length} of ${results.length} copies without some of their words`,
        ...(nearest !== undefined && { nearest }),
      },
    ],
    ...scored,
  }
}
