/** A block of `sh` as commands: what is typed at once, and the programs that it calls with their arguments. */

export interface Call {
  /** Without assignments before it and redirections behind; quotes are taken away. */
  readonly words: readonly string[]
}

/** Commands joined by pipes, `&&`, `;` and line breaks; comments are left out. Expands nothing. */
export function callsOf(code: string): readonly Call[] {
  const calls: Call[] = []
  let words: string[] = []
  let word: string | undefined
  const endWord = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const endCall = (): void => {
    endWord()
    const plain = withoutRedirections(words)
    while (/^[A-Za-z_]\w*=/.test(plain[0] ?? '')) plain.shift()
    if (plain.length > 0) calls.push({ words: plain })
    words = []
  }
  for (let at = 0; at < code.length; at += 1) {
    const letter = code[at]!
    if (letter === '\\') {
      if (code[at + 1] !== '\n') word = (word ?? '') + (code[at + 1] ?? '')
      at += 1
    } else if (letter === "'" || letter === '"') {
      const end = closingQuote(code, at)
      word = (word ?? '') + code.slice(at + 1, end)
      at = end
    } else if (letter === '$' && code[at + 1] === '(') {
      const end = code.indexOf(')', at)
      word = (word ?? '') + code.slice(at, end + 1)
      at = end
    } else if (letter === '#' && word === undefined) {
      const end = code.indexOf('\n', at)
      at = end < 0 ? code.length : end - 1
    } else if ('|&;\n'.includes(letter) && word !== '2>') endCall()
    else if (/\s/.test(letter)) endWord()
    else word = (word ?? '') + letter
  }
  endCall()
  return calls
}

/** What is typed at once: lines that a quote or a backslash joins are one. Without those that say nothing. */
export function linesOf(code: string): readonly string[] {
  const lines: string[] = []
  let begun = ''
  for (const line of code.split('\n')) {
    begun += line
    if (isWhole(begun)) {
      if (callsOf(begun).length > 0) lines.push(begun)
      begun = ''
    } else begun += '\n'
  }
  if (begun !== '') throw new Error(`it does not end: ${begun}`)
  return lines
}

function isWhole(text: string): boolean {
  if (text.endsWith('\\')) return false
  try {
    callsOf(text)
    return true
  } catch {
    return false
  }
}

function closingQuote(code: string, from: number): number {
  for (let at = from + 1; at < code.length; at += 1) {
    if (code[at] === '\\' && code[from] === '"') at += 1
    else if (code[at] === code[from]) return at
  }
  throw new Error(`a quote is not closed: ${code.slice(from, from + 40)}`)
}

function withoutRedirections(words: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    if (/^\d?[<>]{1,2}$/.test(words[at]!)) at += 1
    else if (!/^\d?[<>]/.test(words[at]!)) kept.push(words[at]!)
  }
  return kept
}
