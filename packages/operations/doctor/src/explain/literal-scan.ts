/**
 * Finds many literals in one pass: Aho and Corasick, "Efficient string matching" (1975), as a single transition table. ASCII
 * case-insensitive.
 */

export interface LiteralScan {
  /** Calls back with the index of each literal that ends somewhere in the text; for one that is there twice, twice. */
  readonly scan: (text: string, onFound: (index: number) => void) => void
}

const characters = 128

/** `literals` are not empty, of ASCII, in small letters. */
export function createLiteralScan(literals: readonly string[]): LiteralScan {
  const states = 1 + literals.reduce((sum, { length }) => sum + length, 0)
  const next = new Int32Array(states * characters)
  const ends: number[][] = [[]]
  for (const [index, literal] of literals.entries()) {
    let state = 0
    for (const character of literal) {
      const place = state * characters + character.charCodeAt(0)
      if (next[place] === 0) {
        next[place] = ends.length
        ends.push([])
      }
      state = next[place]!
    }
    ends[state]!.push(index)
  }
  addFallbacks(next, ends)
  const hasEnd = Uint8Array.from(ends, ({ length }) => (length > 0 ? 1 : 0))
  return {
    scan(text, onFound) {
      let state = 0
      for (let at = 0; at < text.length; at += 1) {
        let code = text.charCodeAt(at)
        if (code >= characters) {
          state = 0
          continue
        }
        if (code >= 65 && code <= 90) code += 32
        state = next[state * characters + code]!
        if (hasEnd[state] === 1) for (const index of ends[state]!) onFound(index)
      }
    },
  }
}

/** Aho-Corasick failure links: the longest suffix of the input that is a prefix of another literal. */
function addFallbacks(next: Int32Array, ends: number[][]): void {
  const fallback = new Int32Array(ends.length)
  const queue: number[] = []
  for (let code = 0; code < characters; code += 1) if (next[code] !== 0) queue.push(next[code]!)
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head]!
    const other = fallback[state]!
    ends[state]!.push(...ends[other]!)
    for (let code = 0; code < characters; code += 1) {
      const place = state * characters + code
      const onward = next[other * characters + code]!
      if (next[place] === 0) next[place] = onward
      else {
        fallback[next[place]!] = onward
        queue.push(next[place]!)
      }
    }
  }
}
