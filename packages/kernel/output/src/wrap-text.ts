/** Wraps text to a width with a common indentation. Chinese breaks between characters. */

import { isWide, visibleLength } from './style.ts'

/** A word longer than a line gets its own. */
export function wrapText(text: string, columns: number, indent = ''): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const { glue, piece } of piecesOf(line.trim())) {
      const longer = current === '' ? piece : current + glue + piece
      if (current !== '' && visibleLength(indent + longer) > columns) {
        lines.push(indent + current)
        current = piece
      } else current = longer
    }
    return [...lines, indent + current]
  })
}

interface Piece {
  /** Separator from the previous piece on the same line. */
  readonly glue: '' | ' '
  readonly piece: string
}

function piecesOf(line: string): Piece[] {
  return line.split(' ').flatMap((word) => {
    if (!isWide.test(word)) return [{ glue: ' ' as const, piece: word }]
    return parts(word).map((piece, at) => ({ glue: at === 0 ? (' ' as const) : ('' as const), piece }))
  })
}

/** No line starts with closing punctuation or ends with opening punctuation. */
const closes = /^[\p{Pe}\p{Pf}，。；：！？、…%,.;:!?\p{Mn}\p{Me}\p{Cf}]/u
const opens = /[\p{Ps}\p{Pi}]$/u

/** Splits into single wide characters and the text between them. */
function parts(word: string): string[] {
  const found: string[] = []
  for (const character of word) {
    const last = found.at(-1)
    const staysWith =
      last !== undefined &&
      (closes.test(character) || opens.test(last) || !(isWide.test(character) || isWide.test(last.at(-1)!)))
    if (staysWith) found[found.length - 1] = last + character
    else found.push(character)
  }
  return found
}

/** Truncates with an ellipsis. Only for text without escapes. */
export function cutText(text: string, columns: number): string {
  if (visibleLength(text) <= columns) return text
  let kept = ''
  let left = columns - 1
  for (const character of text) {
    left -= visibleLength(character)
    if (left < 0) break
    kept += character
  }
  return `${kept}…`
}
