/** Finds the properties of an object literal in JavaScript or TypeScript source. Pure. */

export interface Property {
  /** Undefined: spread or computed. */
  readonly name: string | undefined
  /** Range of its value; absent for shorthands and methods. */
  readonly value: { readonly from: number; readonly to: number } | undefined
}

/** Properties of the literal whose brace is at `open`. Undefined if it does not end. */
export function propertiesOf(text: string, open: number): Property[] | undefined {
  const found: Property[] = []
  let at = open + 1
  for (;;) {
    at = skipBlank(text, at)
    if (text[at] === undefined) return undefined
    if (text[at] === '}') return found
    const end = endOfProperty(text, at)
    if (end === undefined) return undefined
    found.push(propertyOf(text, at, end))
    at = text[end] === ',' ? end + 1 : end
  }
}

function propertyOf(text: string, from: number, end: number): Property {
  const name = /(?:([\w$]+)|'([^'\\\n]*)'|"([^"\\\n]*)")/y
  name.lastIndex = from
  const named = name.exec(text)
  if (named === null) return { name: undefined, value: undefined }
  const after = skipBlank(text, name.lastIndex)
  const known = named[1] ?? named[2] ?? named[3]
  if (text[after] !== ':') return { name: known, value: undefined }
  return { name: known, value: { from: skipBlank(text, after + 1), to: endOfCode(text, after + 1, end) } }
}

/** At the comma or the brace that ends it. */
function endOfProperty(text: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < text.length; at = step(text, at)) {
    const one = text[at]!
    if (depth === 0 && (one === ',' || one === '}')) return at
    if ('([{'.includes(one)) depth += 1
    else if (')]}'.includes(one)) depth -= 1
  }
  return undefined
}

/** Behind the last that is neither blank nor a comment. */
function endOfCode(text: string, from: number, end: number): number {
  let last = from
  for (let at = skipBlank(text, from); at < end; at = skipBlank(text, at)) {
    at = step(text, at)
    last = at
  }
  return last
}

/** Blanks, comments. */
const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
function skipBlank(text: string, at: number): number {
  blank.lastIndex = at
  blank.exec(text)
  return blank.lastIndex
}

/** Over a string, a comment, or one character. */
const whole =
  /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[\s\S]/y
function step(text: string, at: number): number {
  whole.lastIndex = at
  whole.exec(text)
  return whole.lastIndex
}
