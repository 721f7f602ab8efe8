/** Words on lines of at most so many columns, each with the same indentation. */

import { visibleLength } from './style.ts'

/** A word that is longer than a line stands on one of its own. */
export function wrapText(text: string, columns: number, indent = ''): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const word of line.trim().split(' ')) {
      const longer = current === '' ? word : `${current} ${word}`
      if (current !== '' && visibleLength(indent + longer) > columns) {
        lines.push(indent + current)
        current = word
      } else current = longer
    }
    return [...lines, indent + current]
  })
}

/** What does not fit is cut, with an ellipsis. Only for text without escapes. */
export const cutText = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
