/**
 * Keeps what people wrote from passing for control tokens. Every control token's text inside their words is sealed: a mark
 * goes in after its first character, and where marks stand in the rendered prompt, it is cut. Words that a template looks
 * for in messages are sealed alike, so that it still finds them. Text that becomes a token only next to other text is out of
 * reach: templates keep messages apart.
 */

import { randomInt } from 'node:crypto'

const patterns = new WeakMap<readonly string[], { readonly pattern: RegExp | undefined }>()

/** Finds any control token; undefined where there is none that can be cut. */
export function controlPattern(tokens: readonly string[]): RegExp | undefined {
  let known = patterns.get(tokens)
  if (known === undefined) {
    const texts = [...new Set(tokens)].filter((text) => [...text].length > 1)
    // Longest first: of several that begin at one place, it is the longest that counts.
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
 * Private characters that nobody can foresee. The first and the last stand nowhere else in a mark, so that no two marks
 * overlap.
 */
function newMark(): string {
  const between = Array.from({ length: 4 }, () => String.fromCharCode(randomInt(0xe002, 0xf000)))
  return `\u{E000}${between.join('')}\u{E001}`
}

/** Templates are kept for each mark: all seals have one as long as no text holds it. */
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

  /** The same for seals that do the same. */
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
      // Not after the token: another one may begin inside it.
      this.#pattern.lastIndex = cut
    }
    return sealed + text.slice(from)
  }

  /** A copy of plain data with every string in it sealed. */
  all<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T
    if (Array.isArray(value)) return value.map((item) => this.all(item)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [this.text(key), this.all(member)]),
    ) as T
  }

  /** The pieces of a rendered prompt. */
  cut(rendered: string): readonly string[] {
    return rendered.split(this.mark).filter((piece) => piece !== '')
  }
}
