/**
 * Where the letters of a text have so many marks that the marks are there to hide them: more than those of any language
 * that is often written. Counts by blocks, for what is hidden may be a part of a text. Knows no characters.
 */

/** Blocks are this power of two long, in UTF-16 units. */
const blockBits = 6
/** The most marks by letters, in a block and in two. */
const mostMarked = [1 / 5, 1 / 7] as const
/** Fewer are names. */
const leastMarks = 4
/** Fewer in two blocks say no more than those in one. */
const leastLetters = 40

export class MarkCounts {
  readonly #letters: Uint8Array
  readonly #marks: Uint8Array
  #count = 0

  constructor(length: number) {
    const blocks = (length >> blockBits) + 2
    this.#letters = new Uint8Array(blocks)
    this.#marks = new Uint8Array(blocks)
  }

  addLetter(at: number): void {
    this.#letters[at >> blockBits]! += 1
  }

  addMark(at: number): void {
    this.#marks[at >> blockBits]! += 1
    this.#count += 1
  }

  hideAnywhere(): boolean {
    if (this.#count < leastMarks) return false
    return this.#marks.some((marks, block) => marks > 0 && this.#hideIn(block))
  }

  hideAt(at: number): boolean {
    return this.#count >= leastMarks && this.#hideIn(at >> blockBits)
  }

  #hideIn(block: number): boolean {
    return this.#isAbove(block, block) || this.#isAbove(block - 1, block) || this.#isAbove(block, block + 1)
  }

  #isAbove(first: number, last: number): boolean {
    if (first < 0) return false
    const [one, two] = mostMarked
    if (first === last)
      return this.#marks[first]! >= leastMarks && this.#marks[first]! > this.#letters[first]! * one
    const marks = this.#marks[first]! + this.#marks[last]!
    const letters = this.#letters[first]! + this.#letters[last]!
    return letters >= leastLetters && marks >= leastMarks && marks > letters * two
  }
}
