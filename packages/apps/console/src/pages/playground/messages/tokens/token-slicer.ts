/** Token cells in slices, each a block of lines: new tokens change only the last slice. Slices end at line breaks where possible. */

import type { Token } from '../../conversation.ts'
import { cellAt, type TokenCell } from './token-cells.ts'

export interface TokenSlice {
  /** Which of all cells is its first. */
  readonly from: number
  readonly cells: readonly TokenCell[]
}

/** From `easySize` cells on, a slice ends with the next line; with `maxSize` cells it always ends. */
const easySize = 100
const maxSize = 400

export class TokenSlicer {
  #tokens: readonly Token[] = []
  #slices: TokenSlice[] = []

  /** Where `tokens` go on from those that were given before, only the last slice is made again. */
  update(tokens: readonly Token[]): { cells: readonly TokenCell[]; slices: readonly TokenSlice[] } {
    const last = this.#slices.at(-1)
    const settled = last?.cells[0]?.first ?? 0
    const goesOn =
      tokens.length >= this.#tokens.length &&
      tokens[0] === this.#tokens[0] &&
      isSameAt(tokens, this.#tokens, settled - 1)
    const slices = goesOn ? this.#slices.slice(0, -1) : []
    let first = goesOn ? settled : 0
    let from = goesOn ? (last?.from ?? 0) : 0
    while (first < tokens.length) {
      const cells: TokenCell[] = []
      for (let isFull = false; first < tokens.length && !isFull; ) {
        const cell = cellAt(tokens, first)
        cells.push(cell)
        first += cell.count
        isFull = cells.length >= maxSize || (cells.length >= easySize && cell.text.endsWith('\n'))
      }
      slices.push({ from, cells })
      from += cells.length
    }
    this.#tokens = tokens
    this.#slices = slices
    return { cells: slices.flatMap(({ cells }) => cells), slices }
  }
}

const isSameAt = (one: readonly Token[], other: readonly Token[], at: number): boolean =>
  at < 0 || one[at] === other[at]
