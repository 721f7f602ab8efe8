/**
 * Prevents text in messages from being tokenised as control tokens. Each control token in them is sealed: a mark is
 * inserted after its first character, and the rendered prompt is split at the marks. String literals that a template
 * compares with messages are sealed as well, so that they still match. Text that forms a token only together with adjacent
 * text is not covered: templates separate messages.
 */

import { randomInt } from 'node:crypto'

const patterns = new WeakMap<readonly string[], { readonly pattern: RegExp | undefined }>()

/** Matches any control token; undefined if no token is long enough to be split. */
export function controlPattern(tokens: readonly string[]): RegExp | undefined {
  let known = patterns.get(tokens)
  if (known === undefined) {
    const texts = [...new Set(tokens)].filter((text) => [...text].length > 1)
    // Longest first, so that the longest token at a position matches.
    texts.sort((a, b) => b.length - a.length)
    const source = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')
    known = { pattern: source === '' ? undefined : new RegExp(source, 'g') }
    patterns.set(tokens, known)
  }
  return known.pattern
}

/** Every string in a value, keys included. */
export function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* stringsIn(item)
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      yield key
      yield* stringsIn(member)
    }
}

export function hasControlToken(pattern: RegExp, value: unknown): boolean {
  for (const text of stringsIn(value)) {
    pattern.lastIndex = 0
    if (pattern.test(text)) return true
  }
  return false
}

/**
 * Random private-use characters, so that clients cannot predict them. The first and last one occur nowhere else in a
 * mark, so that marks cannot overlap.
 */
function newMark(): string {
  const between = Array.from({ length: 4 }, () => String.fromCharCode(randomInt(0xe002, 0xf000)))
  return `\u{E000}${between.join('')}\u{E001}`
}

/** Shared by all seals unless a text contains it: compiled templates are cached per mark. */
const usualMark = newMark()

function markNotIn(texts: Iterable<string>): string {
  const all = [...texts]
  let mark = usualMark
  while (all.some((text) => text.includes(mark))) mark = newMark()
  return mark
}

export class Seal {
  readonly mark: string
  readonly #pattern: RegExp

  constructor(pattern: RegExp, texts: Iterable<string>) {
    this.#pattern = pattern
    this.mark = markNotIn(texts)
  }

  /** Equal for seals with the same effect: part of the template cache key. */
  get key(): string {
    return `${this.mark}${this.#pattern.source}`
  }

  text(text: string): string {
    let sealed = ''
    let from = 0
    this.#pattern.lastIndex = 0
    for (let match = this.#pattern.exec(text); match !== null; match = this.#pattern.exec(text)) {
      const cut = match.index + String.fromCodePoint(text.codePointAt(match.index)!).length
      sealed += text.slice(from, cut) + this.mark
      from = cut
      // Not after the token: another one may start inside it.
      this.#pattern.lastIndex = cut
    }
    return sealed + text.slice(from)
  }

  /** Copies plain data and seals every string in it. */
  all<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T
    if (Array.isArray(value)) return value.map((item) => this.all(item)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [this.text(key), this.all(member)]),
    ) as T
  }

  /** Splits a rendered prompt at the marks. */
  cut(rendered: string): readonly string[] {
    return rendered.split(this.mark).filter((piece) => piece !== '')
  }
}
