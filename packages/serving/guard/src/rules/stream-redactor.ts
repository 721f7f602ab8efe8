/** Redacts a streamed text: the output does not depend on how the text is split. */

import { type CharacterClass, contextLength, type Detector, type Match, runEnd } from './detector.ts'
import { type PersonalDataKind, personalDataDetectors } from './personal-data/personal-data-check.ts'
import { joins, lengthened, type Redaction } from './redact.ts'
import { type SecretKind, secretDetectors } from './secrets/secrets-check.ts'
import { patternDetectors, type UserPattern } from './user-patterns.ts'

export interface StreamRedactorOptions {
  /** `true`: all kinds. */
  readonly secrets?: true | readonly SecretKind[]
  /** `true`: all kinds but passports. */
  readonly personalData?: true | readonly PersonalDataKind[]
  readonly patterns?: readonly UserPattern[]
}

/**
 * Text is released once no continuation can make it part of a finding: for prose, all but the last word. At most 601 characters are held
 * back (the first line of a private key before its data; 513 for a possible token). With custom patterns, always the last `reach`
 * characters, because their ends are unknown.
 *
 * Unbounded matches are not held back: the replacement of a private key (PEM) or a longer token is released once its start is recognized,
 * and the rest is dropped as it arrives, so unfinished keys are redacted too. A match of a custom pattern longer than its `reach` is
 * redacted only up to the text available then.
 *
 * @throws `guard_pattern_invalid`, `guard_kind_unknown`
 *
 * @example
 * ```ts
 * import { StreamRedactor } from '@hadal/guard'
 *
 * const redactor = new StreamRedactor({ personalData: ['email'] })
 * const sent = redactor.push('Write to ada@exam') + redactor.push('ple.org, please.') + redactor.end()
 * sent // → 'Write to [email], please.'
 * ```
 */
export class StreamRedactor {
  readonly #detectors: readonly Detector[]
  /** Text that is not final, preceded by the detectors' context. */
  #text = ''
  /** Offset in `#text` of the text that is not final. */
  #from = 0
  /** Number of characters before `#text`. */
  #before = 0
  /** Matches that reach the end of the text so far. */
  #growing: readonly Growing[] = []
  readonly #found: Redaction[] = []
  /** For disjoint detectors: end of the last match, counted from the start of the stream. */
  readonly #lastEnds = new Map<Detector, number>()

  constructor({ secrets, personalData, patterns = [] }: StreamRedactorOptions) {
    this.#detectors = [
      ...(secrets === undefined ? [] : secretDetectors(secrets)),
      ...(personalData === undefined ? [] : personalDataDetectors(personalData)),
      ...patternDetectors(patterns),
    ]
  }

  /** Redactions so far, by position in the input. Only the end of the last one may still change. */
  get found(): readonly Redaction[] {
    return this.#found
  }

  /** Number of characters currently held back. */
  get held(): number {
    return this.#text.length - this.#from
  }

  /** Returns newly final text, redacted. */
  push(text: string): string {
    this.#text += text
    let open = this.#text.length
    for (const detector of this.#detectors) open = Math.min(open, detector.openFrom(this.#text, this.#from))
    // Never splits a surrogate pair.
    if (isHighSurrogate(this.#text.charCodeAt(open - 1))) open -= 1
    return open > this.#from ? this.#settle(open) : ''
  }

  /** Returns the rest and resets for a new text. */
  end(): string {
    const rest = this.#settle(this.#text.length)
    this.#before += this.#text.length
    this.#text = ''
    this.#from = 0
    this.#growing = []
    return rest
  }

  #settle(open: number): string {
    const text = this.#text
    this.#grow()
    const matches = this.#detectors.flatMap((detector) => this.#search(detector, open))
    matches.sort((a, b) => a.start - b.start)
    let [settled, at] = ['', this.#from]
    const skip = (): void => {
      at = Math.max(at, (this.#found.at(-1)?.span.end ?? 0) - this.#before)
    }
    skip()
    for (const match of matches) {
      const isPart = this.#note(match)
      if (!isPart) settled += text.slice(at, match.start) + match.replacement
      skip()
    }
    settled += text.slice(at, Math.max(at, open))
    const context = Math.max(0, open - contextLength)
    this.#text = text.slice(context)
    this.#before += context
    this.#from = open - context
    return settled
  }

  /** New matches that start before `open`. */
  #search(detector: Detector, open: number): Match[] {
    const lastEnd = (this.#lastEnds.get(detector) ?? 0) - this.#before
    const matches = startingBefore(open, detector.find(this.#text, Math.max(this.#from, lastEnd)))
    const last = matches.at(-1)
    if (detector.disjoint && last !== undefined) this.#lastEnds.set(detector, this.#before + last.end)
    return matches
  }

  /** True if it merged into the previous redaction. */
  #note({ rule, start, end, replacement, grows }: Match): boolean {
    if (grows !== undefined && end === this.#text.length)
      this.#growing = [...this.#growing, { over: grows, end: this.#before + end }]
    const span = { start: this.#before + start, end: this.#before + end }
    const last = this.#found.at(-1)
    const isPart = last !== undefined && joins(last, span.start, replacement)
    if (!isPart) this.#found.push({ rule, span, replacement })
    else if (span.end > last.span.end) this.#found.splice(-1, 1, lengthened(last, span.end))
    return isPart
  }

  /** Extends matches that reached the end of the text. */
  #grow(): void {
    const still: Growing[] = []
    for (const { over, end: reached } of this.#growing) {
      const end = this.#before + runEnd(over, this.#text, reached - this.#before)
      const last = this.#found.at(-1)!
      if (end > last.span.end) this.#found.splice(-1, 1, lengthened(last, end))
      if (end === this.#before + this.#text.length) still.push({ over, end })
    }
    this.#growing = still
  }
}

interface Growing {
  readonly over: CharacterClass
  /** Its end, counted from the start of the stream. */
  readonly end: number
}

function startingBefore(open: number, matches: Iterable<Match>): Match[] {
  const starting: Match[] = []
  for (const match of matches) if (match.start < open && match.end > match.start) starting.push(match)
  return starting
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00
