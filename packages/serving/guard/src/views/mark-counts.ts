/**
 * Detects excessive combining marks, beyond those of common languages, which obscure letters. Counts per block of letters, because only
 * part of a text may be obscured.
 */

/** Log2 of the letters per block. */
const blockBits = 5
/** Maximum marks per letter, in one block and in two. */
const maxMarked = [1 / 5, 1 / 7] as const
/** Fewer occur in names. */
const minMarks = 4
/** Fewer letters in two blocks are not more informative than one block. */
const minLetters = 24

export class MarkCounts {
  readonly #marks: Uint8Array
  #letters = 0
  #count = 0

  /** @param length the most letters */
  constructor(length: number) {
    this.#marks = new Uint8Array((length >> blockBits) + 2)
  }

  addLetter(): void {
    this.#letters += 1
  }

  /** Counts a mark on the last letter. */
  addMark(): void {
    const block = this.#letters >> blockBits
    if (this.#marks[block]! < 255) this.#marks[block]! += 1
    this.#count += 1
  }

  hideAnywhere(): boolean {
    return this.#count >= minMarks && this.#marks.some((marks, block) => marks > 0 && this.#hideIn(block))
  }

  /** @param letter how many letters came before it */
  hideAt(letter: number): boolean {
    return this.#count >= minMarks && this.#hideIn(letter >> blockBits)
  }

  #hideIn(block: number): boolean {
    const [one, two] = maxMarked
    const [before, here, after] = [
      this.#marks[block - 1] ?? 0,
      this.#marks[block]!,
      this.#marks[block + 1] ?? 0,
    ]
    return (
      isAbove(here, this.#lettersIn(block), one) ||
      (block > 0 && this.#areAbove(before + here, block - 1, two)) ||
      this.#areAbove(here + after, block, two)
    )
  }

  #areAbove(marks: number, block: number, most: number): boolean {
    const letters = this.#lettersIn(block) + this.#lettersIn(block + 1)
    return letters >= minLetters && isAbove(marks, letters, most)
  }

  #lettersIn(block: number): number {
    return Math.min(Math.max(this.#letters - (block << blockBits), 0), 1 << blockBits)
  }
}

const isAbove = (marks: number, letters: number, most: number): boolean =>
  marks >= minMarks && marks > letters * most
