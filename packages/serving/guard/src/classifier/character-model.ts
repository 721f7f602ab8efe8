/**
 * Character-level perplexity: 4-grams over 32 character classes with Witten-Bell smoothing (1991), quantized to 16 levels of 0.8 bits.
 * Detects gradient-optimized suffixes, which do not resemble language. Ideographs and non-ASCII letters are skipped. Pure.
 */

const kinds = 32
const levelBits = 0.8
/** Class of skipped characters. */
const unread = 255
const kindOf = kindsOfCharacters()
const size = kinds ** 4

/** In characters, not counting skipped ones. */
export const surpriseWindow = 72
const surpriseStride = 12

export interface Surprise {
  /** Bits per character in the window with the maximum. */
  readonly bits: number
  readonly start: number
  readonly end: number
  readonly windows: number
}

/**
 * Packed: two 4-grams per byte.
 *
 * @internal
 */
export function trainCharacterModel(texts: Iterable<string>): Uint8Array {
  const counts = [1, 2, 3, 4].map((n) => new Uint32Array(kinds ** n))
  for (const text of texts) {
    let context = 0
    let known = 0
    for (let at = 0; at < text.length; at += 1) {
      const kind = kindAt(text, at)
      if (kind === unread) {
        known = 0
        continue
      }
      context = ((context << 5) | kind) & (size - 1)
      known += 1
      for (let n = 1; n <= Math.min(4, known); n += 1) counts[n - 1]![context & (kinds ** n - 1)]! += 1
    }
  }
  let shorter = new Float64Array(kinds)
  const total = counts[0]!.reduce((sum, count) => sum + count, 0)
  for (let kind = 0; kind < kinds; kind += 1) shorter[kind] = (counts[0]![kind]! + 0.5) / (total + kinds / 2)
  for (let n = 2; n <= 4; n += 1) {
    const table = counts[n - 1]!
    const longer = new Float64Array(table.length)
    for (let context = 0; context < table.length; context += kinds) {
      let [seen, distinct] = [0, 0]
      for (let kind = 0; kind < kinds; kind += 1) {
        seen += table[context + kind]!
        if (table[context + kind]! > 0) distinct += 1
      }
      for (let kind = 0; kind < kinds; kind += 1) {
        const less = shorter[(context + kind) & (shorter.length - 1)]!
        longer[context + kind] =
          seen === 0 ? less : (table[context + kind]! + distinct * less) / (seen + distinct)
      }
    }
    shorter = longer
  }
  const packed = new Uint8Array(size / 2)
  for (let id = 0; id < size; id += 1) {
    const level = Math.min(15, Math.round(-Math.log2(shorter[id]!) / levelBits))
    packed[id >> 1]! |= level << ((id & 1) * 4)
  }
  return packed
}

/** Undefined if less than a window is readable. Linear time. */
export function surpriseOf(packed: Uint8Array, text: string): Surprise | undefined {
  const sums = new Int32Array(text.length + 1)
  const places = new Int32Array(text.length)
  let [context, known, read] = [0, 0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const kind = kindAt(text, at)
    if (kind === unread) {
      known = 0
      continue
    }
    // Repeated spaces are ignored.
    if (kind === 0 && known > 0 && (context & (kinds - 1)) === 0) continue
    context = ((context << 5) | kind) & (size - 1)
    known += 1
    if (known < 4) continue
    places[read] = at
    read += 1
    sums[read] = sums[read - 1]! + ((packed[context >> 1]! >> ((context & 1) * 4)) & 15)
  }
  if (read < surpriseWindow) return undefined
  let [highest, from, windows] = [-1, 0, 0]
  for (let at = 0; ; at = Math.min(at + surpriseStride, read - surpriseWindow)) {
    const sum = sums[at + surpriseWindow]! - sums[at]!
    windows += 1
    if (sum > highest) [highest, from] = [sum, at]
    if (at === read - surpriseWindow) break
  }
  return {
    bits: (highest * levelBits) / surpriseWindow,
    start: places[from]!,
    end: places[from + surpriseWindow - 1]! + 1,
    windows,
  }
}

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? kindOf[code]! : unread
}

/** Space 0, letters 1 to 26, digits 27, clause ends 28, quotes 29, brackets 30, other symbols 31. */
function kindsOfCharacters(): Uint8Array {
  const table = new Uint8Array(128).fill(31)
  for (let code = 0; code <= 0x20; code += 1) table[code] = 0
  for (let letter = 0; letter < 26; letter += 1) table[0x41 + letter] = table[0x61 + letter] = letter + 1
  for (let digit = 0x30; digit < 0x3a; digit += 1) table[digit] = 27
  for (const [signs, kind] of [
    ['.,;:!?', 28],
    ['\'"`', 29],
    ['()[]{}<>', 30],
  ] as const)
    for (const sign of signs) table[sign.charCodeAt(0)] = kind
  return table
}
