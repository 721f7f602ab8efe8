/** Splits a text into editor-numbered lines, without terminal control sequences. */

export interface PlainLine {
  /** Counted from 1. */
  readonly number: number
  readonly text: string
}

/** No catalogue pattern receives more at a time. Longer lines are split into overlapping pieces. */
const longestLine = 4096
const overlap = 256

/** Only the end of a text with more lines is read. */
const maxLines = 3_000_000

/** Colours, titles, moves of the cursor: ECMA-48. */
const escapes =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|[PX^_][^\u001b]{0,2048}\u001b\\|[@-Z\\-_])/g
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe]/g

export function* textLines(text: string): Generator<PlainLine> {
  const end = text.includes('\n') ? '\n' : '\r'
  const isClean = text.search(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\ufffe]/) === -1
  const skipped = lineCount(text, end) - maxLines
  let number = 0
  for (let from = 0; from < text.length; ) {
    let to = text.indexOf(end, from)
    if (to === -1) to = text.length
    number += 1
    if (number > skipped) {
      const line = text.slice(from, to)
      // A bar of progress draws itself again and again on one line.
      if (!isClean && line.includes('\r'))
        for (const part of line.split('\r')) {
          if (part !== '') yield { number, text: withoutControls(part) }
        }
      else yield { number, text: isClean ? line : withoutControls(line) }
    }
    from = to + 1
  }
}

export const withoutControls = (line: string): string => line.replaceAll(escapes, '').replaceAll(controls, '')

/** Pieces of a line, as patterns receive them. */
export function piecesOf(line: string): readonly string[] {
  if (line.length <= longestLine) return [line]
  const pieces: string[] = []
  for (let from = 0; from + overlap < line.length; from += longestLine - overlap)
    pieces.push(line.slice(from, from + longestLine))
  return pieces
}

export function lineCount(text: string, end = '\n'): number {
  let count = 0
  for (let at = text.indexOf(end); at !== -1; at = text.indexOf(end, at + 1)) count += 1
  return count + (text !== '' && !text.endsWith(end) ? 1 : 0)
}
