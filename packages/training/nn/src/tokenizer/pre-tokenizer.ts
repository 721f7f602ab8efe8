/**
 * Cuts text into the pieces that merges never cross. Patterns are written in the dialect of tokenizer.json (Oniguruma) and
 * translated to JavaScript; several patterns cut in order.
 */

import { messageOf } from '@hadal/base'
import { tokenizerUnsupported } from './errors.ts'

/**
 * Qwen2's pattern as llama.cpp spells it (`tokenizer.ggml.pre = "qwen2"`): contractions, words with the character before
 * them, single digits, punctuation, line ends, spaces.
 *
 * @example
 * ```ts
 * import { qwen2Pattern } from '@hadal/nn'
 *
 * "it's 42".match(new RegExp(qwen2Pattern, 'gu')) // → [ 'it', "'s", ' ', '4', '2' ]
 * ```
 */
export const qwen2Pattern: string =
  "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" +
  '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

/**
 * How GPT-2 cuts a text before pairs are merged.
 *
 * @example
 * ```ts
 * import { gpt2Pattern } from '@hadal/nn'
 *
 * 'a cat'.match(new RegExp(gpt2Pattern, 'gu')) // → [ 'a', ' cat' ]
 * ```
 */
export const gpt2Pattern: string =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/**
 * Llama 3's: as Qwen2's, but up to three digits together.
 *
 * @example
 * ```ts
 * import { llama3Pattern } from '@hadal/nn'
 *
 * 'call 5551234'.match(new RegExp(llama3Pattern, 'gu')) // → [ 'call', ' ', '555', '123', '4' ]
 * ```
 */
export const llama3Pattern: string = qwen2Pattern.replace('|\\p{N}|', '|\\p{N}{1,3}|')

/** Lone surrogates come out as U+FFFD: they have no UTF-8. */
export type PreTokenizer = (text: string) => readonly string[]

export function preTokenizer(patterns: readonly string[]): PreTokenizer {
  const regExps = patterns.map(translate)
  return (text) => {
    if (loneSurrogate.test(text)) text = ownCopy(text)
    let pieces: readonly string[] = text === '' ? [] : [text]
    for (const regExp of regExps) {
      pieces = pieces.length === 1 ? isolate(pieces[0]!, regExp) : pieces.flatMap((p) => isolate(p, regExp))
    }
    return pieces
  }
}

const loneSurrogate = /\p{Surrogate}/u

/**
 * A copy of the text in separate memory. V8 keeps a longer piece as a window into the text it was cut from, so a piece that is
 * cached would keep that whole text alive.
 */
export function ownCopy(piece: string): string {
  return Buffer.from(piece, 'utf8').toString('utf8')
}

/** Whether two lists of patterns mean the same, however they spell it. */
export function samePatterns(a: readonly string[], b: readonly string[]): boolean {
  return (
    a.length === b.length && a.every((pattern, at) => translate(pattern).source === translate(b[at]!).source)
  )
}

/** The matches and what lies between them, in order. */
function isolate(text: string, regExp: RegExp): string[] {
  const pieces: string[] = []
  let end = 0
  regExp.lastIndex = 0
  for (let match = regExp.exec(text); match !== null; match = regExp.exec(text)) {
    if (match[0] === '') {
      regExp.lastIndex++
      continue
    }
    if (match.index > end) pieces.push(text.slice(end, match.index))
    pieces.push(match[0])
    end = regExp.lastIndex
  }
  if (end < text.length) pieces.push(text.slice(end))
  return pieces
}

/**
 * JavaScript's `\s` takes U+FEFF for a space and U+0085 not; Node 20 has no `(?i:...)`. The letters in such a group are
 * matched in ASCII only, which is what llama.cpp does.
 */
function translate(pattern: string): RegExp {
  const source = pattern
    .replace(/\(\?i:([^()[\]\\]*)\)/g, (_, body: string) => {
      return `(?:${body.replace(/[a-z]/gi, (x) => `[${x.toLowerCase()}${x.toUpperCase()}]`)})`
    })
    .replace(/\\(.)/gs, (whole, char: string) =>
      char === 's' ? '\\p{White_Space}' : char === 'S' ? '\\P{White_Space}' : whole,
    )
  try {
    return new RegExp(source, 'gu')
  } catch (cause) {
    throw tokenizerUnsupported(`the pattern ${pattern} (${messageOf(cause)})`).with({ cause })
  }
}
