/** Formats JSON text with one line per value, even if incomplete or invalid; changes only white space between values. */

/** Nested deeper, lines are not moved further to the right. */
const deepest = 40

export function prettyJson(text: string): string {
  const pieces: string[] = []
  let depth = 0
  let isInString = false
  let isEmpty = true
  const line = (): void => void pieces.push('\n', '  '.repeat(Math.max(0, Math.min(depth, deepest))))
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (isInString) {
      const from = at
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
      pieces.push(text.slice(from, at + 1))
      isInString = false
      continue
    }
    if (' \t\r\n'.includes(character)) continue
    const closes = character === '}' || character === ']'
    if (closes) {
      depth--
      if (!isEmpty) line()
    } else if (isEmpty && depth > 0) line()
    isEmpty = character === '{' || character === '['
    if (isEmpty) depth++
    pieces.push(character)
    if (character === ',') line()
    else if (character === ':') pieces.push(' ')
    else if (character === '"') isInString = true
  }
  return pieces.join('')
}
