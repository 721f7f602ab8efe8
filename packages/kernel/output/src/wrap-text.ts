/** Words on lines of at most so many columns, each with the same indentation. Chinese has no spaces: its lines break between characters. */

import { isWide, visibleLength } from './style.ts'

/** A word that is longer than a line stands on one of its own. */
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
  /** What parts it from the piece before on the same line. */
  readonly glue: '' | ' '
  readonly piece: string
}

function piecesOf(line: string): Piece[] {
  return line.split(' ').flatMap((word) => {
    if (!isWide.test(word)) return [{ glue: ' ' as const, piece: word }]
    return parts(word).map((piece, at) => ({ glue: at === 0 ? (' ' as const) : ('' as const), piece }))
  })
}

/** No line begins with what closes, and none ends with what opens. */
const closes = /^[\p{Pe}\p{Pf}，。；：！？、…%,.;:!?\p{Mn}\p{Me}\p{Cf}]/u
const opens = /[\p{Ps}\p{Pi}]$/u

/** Single wide characters and what stands between them. */
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

/** What does not fit is cut, with an ellipsis. Only for text without escapes. */
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
