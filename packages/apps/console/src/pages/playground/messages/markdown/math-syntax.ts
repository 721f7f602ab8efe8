/**
 * Protects mathematics in Markdown: `$x_1$`, `$$…$$`, `\(…\)`, `\[…\]`. Otherwise `_` and `*` would become emphasis and `\[` a bracket.
 * Within a paragraph; a dollar sign before a space or digit is currency.
 */

import type { gfmFromMarkdown } from 'mdast-util-gfm'
import type { gfm } from 'micromark-extension-gfm'

type Extension = ReturnType<typeof gfm>
type TreeExtension = ReturnType<typeof gfmFromMarkdown>[number]
type Construct = Extract<NonNullable<NonNullable<Extension['text']>[string]>, { tokenize: unknown }>
type Effects = Parameters<Construct['tokenize']>[0]
type State = Parameters<Construct['tokenize']>[1]
type Code = Parameters<State>[0]

/** Tokens of our own: micromark's types list its own alone. */
const mathToken = 'hadalMath' as 'codeText'
const dataToken = 'hadalMathData' as 'codeTextData'

const dollar = 36
const backslash = 92
const closers: ReadonlyMap<number, number> = new Map([
  [40, 41],
  [91, 93],
])
/** Longer ones are text: each opening is looked for an end, this far. */
const longest = 400

const isLineEnd = (code: Code): boolean => code !== null && code < -2
const isSpace = (code: Code): boolean => code === null || code < 0 || code === 32

function tokenizeDollar(effects: Effects, ok: State, nok: State): State {
  let width = 0
  let length = 0
  let closing = 0
  let last: Code = null
  return (code) => {
    effects.enter(mathToken)
    effects.enter(dataToken)
    return open(code)
  }
  function open(code: Code): State | undefined {
    if (code === dollar && width < 2) {
      width++
      effects.consume(code)
      return open
    }
    if (code === dollar || (width === 1 && isSpace(code))) return nok(code)
    return inside(code)
  }
  function inside(code: Code): State | undefined {
    if (code === null || ++length > longest) return nok(code)
    if (isLineEnd(code)) return lineEnd(effects, inside, code)
    if (code === dollar && (width === 2 || !isSpace(last))) {
      closing = 0
      return close(code)
    }
    if (width === 1 && code === dollar) return nok(code)
    const wasEscape = code === backslash
    last = code
    effects.consume(code)
    return wasEscape ? escaped : inside
  }
  function escaped(code: Code): State | undefined {
    if (code === null || isLineEnd(code)) return inside(code)
    last = code
    effects.consume(code)
    return inside
  }
  function close(code: Code): State | undefined {
    if (code === dollar && closing < width) {
      closing++
      effects.consume(code)
      return close
    }
    if (closing < width) {
      last = dollar
      return inside(code)
    }
    if (code !== null && code >= 48 && code <= 57) return nok(code)
    return finish(effects, ok)(code)
  }
}

function tokenizeBackslash(effects: Effects, ok: State, nok: State): State {
  let closer = 0
  let length = 0
  return (code) => {
    effects.enter(mathToken)
    effects.enter(dataToken)
    effects.consume(code)
    return open
  }
  function open(code: Code): State | undefined {
    closer = closers.get(code ?? 0) ?? 0
    if (closer === 0) return nok(code)
    effects.consume(code)
    return inside
  }
  function inside(code: Code): State | undefined {
    if (code === null || ++length > longest) return nok(code)
    if (isLineEnd(code)) return lineEnd(effects, inside, code)
    effects.consume(code)
    return code === backslash ? close : inside
  }
  function close(code: Code): State | undefined {
    if (code !== closer) return inside(code)
    effects.consume(code)
    return finish(effects, ok)
  }
}

/** Line ends stand between tokens of data, as micromark wants it. */
function lineEnd(effects: Effects, next: State, code: Code): State {
  effects.exit(dataToken)
  effects.enter('lineEnding')
  effects.consume(code)
  effects.exit('lineEnding')
  effects.enter(dataToken)
  return next
}

function finish(effects: Effects, ok: State): State {
  return (code) => {
    effects.exit(dataToken)
    effects.exit(mathToken)
    return ok(code)
  }
}

const dollars: Construct = {
  name: 'hadalMath',
  tokenize: tokenizeDollar,
  previous: (code) => code !== dollar,
}
const brackets: Construct = { name: 'hadalMath', tokenize: tokenizeBackslash }

export const math: Extension = { text: { [dollar]: dollars, [backslash]: brackets } }

/** As code within a line, distinguished by its `data`. */
export const mathFromMarkdown: TreeExtension = {
  enter: {
    hadalMath(token) {
      this.enter({ type: 'inlineCode', value: '', data: { isMath: true } as object }, token)
      this.buffer()
    },
  },
  exit: {
    hadalMath(token) {
      this.resume()
      const node = this.stack.at(-1) as { value?: string }
      node.value = this.sliceSerialize(token)
      this.exit(token)
    },
  },
}
