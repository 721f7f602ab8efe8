/**
 * Tokenizes a text and hashes the n-grams that start in each token: character n-grams of 2 to 5 (Chinese: 1 to 4), word n-grams of 1 to 3,
 * and word pairs with a gap. Case, whitespace, digits and repetitions are normalized first. Repeats within a window count once, and a few
 * times per text, so that repetition does not add evidence.
 */

/**
 * Bits of a hash: the size of the weight table.
 *
 * @internal
 */
export const hashBits = 20

/** A Latin word counts two, a Chinese character one: 48 units are 24 words. */
export type Units = number

/** One token's hashes; the arrays are reused for the next. */
export type TokenVisitor = (token: {
  readonly ids: Int32Array
  readonly count: number
  /** The first `fresh` hashes were counted less than `maxTimes` before in this text. */
  readonly fresh: number
  /** In UTF-16 units of the input. */
  readonly start: number
  readonly end: number
  readonly units: Units
}) => void

const space = 0x20
/** A run of symbols without words is split here to bound token length. */
const longestToken = 32
/** Number of following tokens that n-grams may include. */
const furthestWord = 5
/** An n-gram repeated within this many tokens is not counted again: the words of a window. */
const repeatsWithin = 24
const folded = foldedCodes()
/** How often an n-gram counts per text. */
export const maxTimes = 2
/**
 * Recently counted n-grams, three numbers each: hash, time, and count in the current text. The table is small enough for a core's cache;
 * overwritten entries are counted again. The clock counts tokens and is monotonic, so the table is not cleared between texts.
 */
const places = 1 << 15
const counted = new Float64Array(places * 3).fill(-1)
let tokensSoFar = 0

/**
 * Linear time. Tokens are in order and cover the text.
 *
 * @internal
 */
export function visitTokens(text: string, visit: TokenVisitor): void {
  const { codes, from, length } = canonical(text)
  const starts = tokenStarts(codes, length)
  const tokens = starts.length
  starts.push(length)
  // Padding after the last token.
  const words = new Int32Array(tokens + furthestWord)
  const heads = new Int32Array(tokens)
  for (let at = 0; at < tokens; at += 1) {
    heads[at] = firstLetter(codes, starts[at]!, starts[at + 1]!)
    words[at] = wordHash(codes, heads[at]!, starts[at + 1]!)
  }
  const ids = new Int32Array(longestToken * 6 + 16)
  const token = { ids, count: 0, fresh: 0, start: 0, end: 0, units: 0 }
  for (let at = 0; at < tokens; at += 1) {
    const [start, end] = [starts[at]!, starts[at + 1]!]
    let count = 0
    for (let p = start; p < end; p += 1) {
      const isHan = isIdeograph(codes[p]!)
      const beyond = Math.min(p + (isHan ? 4 : 5), length)
      let hash = isHan ? 0x2f0b4a27 : 0x811c9dc5
      for (let next = p; next < beyond; next += 1) {
        hash = Math.imul(hash ^ codes[next]!, 0x01000193)
        hash ^= hash >>> 15
        if (next > p || isHan) ids[count++] = finish(hash, next - p + 1)
      }
    }
    const word = words[at]!
    const isHan = heads[at]! < end && isIdeograph(codes[heads[at]!]!)
    const pair = Math.imul(isHan ? Math.imul(word, 31) + words[at + 1]! : word, 0x9e3779b1)
    if (isHan) {
      // Two characters, and two more after a gap of one or two.
      ids[count++] = finish(pair ^ (Math.imul(words[at + 3]!, 31) + words[at + 4]!), 11)
      ids[count++] = finish(pair ^ (Math.imul(words[at + 4]!, 31) + words[at + 5]!), 12)
    } else if (word !== 0) {
      ids[count++] = finish(word, 6)
      ids[count++] = finish(pair ^ words[at + 1]!, 7)
      ids[count++] = finish(Math.imul(pair ^ words[at + 1]!, 0x85ebca6b) ^ words[at + 2]!, 8)
      ids[count++] = finish(pair ^ words[at + 2]!, 9)
      ids[count++] = finish(pair ^ words[at + 3]!, 10)
    }
    Object.assign(token, firstOnes(ids, count, tokensSoFar, tokensSoFar + at))
    token.start = at === 0 ? 0 : from[start]!
    token.end = at + 1 < tokens ? from[end]! : text.length
    token.units = isHan ? 1 : 2
    visit(token)
  }
  tokensSoFar += tokens + repeatsWithin
}

/** Keeps those not counted recently; the ones still rare since `began` come first. */
function firstOnes(
  ids: Int32Array,
  all: number,
  began: number,
  now: number,
): { count: number; fresh: number } {
  let [count, fresh] = [0, 0]
  for (let at = 0; at < all; at += 1) {
    const id = ids[at]!
    const place = (id & (places - 1)) * 3
    const isKnown = counted[place] === id
    const before = isKnown ? counted[place + 1]! : Number.NEGATIVE_INFINITY
    if (now - before < repeatsWithin) continue
    const times = before < began ? 0 : counted[place + 2]!
    counted[place] = id
    counted[place + 1] = now
    counted[place + 2] = times + 1
    ids[count] = ids[fresh]!
    ids[times < maxTimes ? fresh++ : count] = id
    count += 1
  }
  return { count, fresh }
}

/** Han characters and kana, which are written without spaces. */
export function isIdeograph(code: number): boolean {
  return (
    (code >= 0x3040 && code <= 0x30ff) ||
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff)
  )
}

function finish(hash: number, kind: number): number {
  let mixed = Math.imul(hash ^ Math.imul(kind, 0x27d4eb2f), 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) & ((1 << hashBits) - 1)
}

/** Starts and ends with a space. `from` maps each code to its position in the text. */
function canonical(text: string): { codes: Uint16Array; from: Int32Array; length: number } {
  const codes = new Uint16Array(text.length + 2)
  const from = new Int32Array(text.length + 2)
  codes[0] = space
  let length = 1
  for (let at = 0; at < text.length; at += 1) {
    const raw = text.charCodeAt(at)
    const code = raw < folded.length ? folded[raw]! : foldedBeyond(raw)
    const before = codes[length - 1]!
    if (
      code === before &&
      (code === space || (length > 2 && codes[length - 2] === code && codes[length - 3] === code))
    )
      continue
    codes[length] = code
    from[length] = at
    length += 1
  }
  if (codes[length - 1] !== space) {
    codes[length] = space
    from[length] = text.length
    length += 1
  }
  return { codes, from, length }
}

/** A token is a word or ideograph with the preceding space and following symbols. */
function tokenStarts(codes: Uint16Array, length: number): number[] {
  const starts = [0]
  let hasWord = false
  for (let p = 1; p < length; p += 1) {
    const code = codes[p]!
    const begins =
      isIdeograph(code) ||
      (isWord(code) && !isWord(codes[p - 1]!)) ||
      (isWord(code) && isIdeograph(codes[p - 1]!))
    const last = starts[starts.length - 1]!
    if (begins) {
      const start = codes[p - 1] === space ? p - 1 : p
      if (hasWord && start > last) starts.push(start)
      hasWord = true
    } else if (p - last >= longestToken) {
      starts.push(p)
      hasWord = isWord(code)
    }
  }
  return starts
}

function firstLetter(codes: Uint16Array, start: number, end: number): number {
  let at = start
  while (at < end && !isWord(codes[at]!)) at += 1
  return at
}

/** 0 if there is no word. */
function wordHash(codes: Uint16Array, head: number, end: number): number {
  let hash = 0
  for (let p = head; p < end && isWord(codes[p]!); p += 1) {
    hash = Math.imul((hash === 0 ? 0x811c9dc5 : hash) ^ codes[p]!, 0x01000193)
  }
  return hash
}

function isWord(code: number): boolean {
  if (code < 0x80) return code >= 0x30 && (code < 0x3a || (code > 0x60 && code < 0x7b))
  return (
    code > 0xbf && !(code >= 0x2000 && code < 0x3040) && !(code >= 0xd800 && code < 0xe000) && code < 0xff00
  )
}

function foldedCodes(): Uint16Array {
  const table = new Uint16Array(0x600)
  for (let code = 0; code < table.length; code += 1) {
    const lower = String.fromCharCode(code).toLowerCase()
    table[code] =
      code <= space || code === 0x7f || code === 0xa0
        ? space
        : lower.length === 1
          ? lower.charCodeAt(0)
          : code
  }
  for (let digit = 0x30; digit < 0x3a; digit += 1) table[digit] = 0x30
  return table
}

function foldedBeyond(code: number): number {
  if (code >= 0xff01 && code <= 0xff5e) return folded[code - 0xfee0]!
  if (code === 0x2018 || code === 0x2019) return 0x27
  if (code === 0x201c || code === 0x201d) return 0x22
  if (
    code === 0x3000 ||
    (code >= 0x2000 && code <= 0x200f) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0xfeff
  )
    return space
  return code
}
