/** Redacts a text while it is being written: the same text comes out, however it is cut. Knows no tokens and no server. */

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
 * Text comes out as soon as nothing that follows could make it part of a finding: of prose all but the last word. Held back are
 * at most 601 characters (the first line of a private key before its key; 513 of a word that may be a key); with patterns
 * of a user always the last `reach` characters, for nobody knows what they end with.
 *
 * What has no bound is not held back: the replacement of a private key (PEM), or of a token longer than that, comes out once
 * its beginning is known, and what follows of it is swallowed as it comes. So an unfinished key is redacted, too. A match
 * of a user's pattern that is longer than its `reach` is redacted only as far as it was written by then.
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
  /** What is not settled, and before it the context that detectors look back to. */
  #text = ''
  /** Of `#text`: where what is not settled begins. */
  #from = 0
  /** Characters that came before `#text`. */
  #before = 0
  /** Of matches that reach the end of what came so far. */
  #growing: readonly Growing[] = []
  readonly #found: Redaction[] = []
  /** Of detectors whose matches are disjoint: where their last match ended, counted from the start of all text. */
  readonly #lastEnds = new Map<Detector, number>()

  constructor({ secrets, personalData, patterns = [] }: StreamRedactorOptions) {
    this.#detectors = [
      ...(secrets === undefined ? [] : secretDetectors(secrets)),
      ...(personalData === undefined ? [] : personalDataDetectors(personalData)),
      ...patternDetectors(patterns),
    ]
  }

  /** What was replaced so far, by its place in the text that went in. Only the end of the last one may still move. */
  get found(): readonly Redaction[] {
    return this.#found
  }

  /** How many characters are held back now. */
  get held(): number {
    return this.#text.length - this.#from
  }

  /** What is settled now and was not before, redacted. */
  push(text: string): string {
    this.#text += text
    let open = this.#text.length
    for (const detector of this.#detectors) open = Math.min(open, detector.openFrom(this.#text, this.#from))
    // Half a character is nothing to send.
    if (isHighSurrogate(this.#text.charCodeAt(open - 1))) open -= 1
    return open > this.#from ? this.#settle(open) : ''
  }

  /** The rest. Afterwards a new text may begin. */
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

  /** Matches that start before `open` and were not found before. */
  #search(detector: Detector, open: number): Match[] {
    const lastEnd = (this.#lastEnds.get(detector) ?? 0) - this.#before
    const matches = startingBefore(open, detector.find(this.#text, Math.max(this.#from, lastEnd)))
    const last = matches.at(-1)
    if (detector.disjoint && last !== undefined) this.#lastEnds.set(detector, this.#before + last.end)
    return matches
  }

  /** True where it is part of the redaction before it. */
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

  /** Matches that went on at the end of the text go on over what came since. */
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
  /** How far it reached, counted from the start of all text. */
  readonly end: number
}

function startingBefore(open: number, matches: Iterable<Match>): Match[] {
  const starting: Match[] = []
  for (const match of matches) if (match.start < open && match.end > match.start) starting.push(match)
  return starting
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00
