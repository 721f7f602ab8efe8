/** What comments behind `console.log(x) // ...` say that it prints, compared with what it printed. */

/** Comments of calls of console.log, and the lines of nothing but a comment that follow such a call, in order. */
export function saidToBePrinted(code: string): readonly string[] {
  const said: string[] = []
  let follows = false
  for (const line of code.split('\n')) {
    const [, call, comment] = /^\s*(.*?console\.log\(.*\)[^/]*)?\/\/ (.*)$/.exec(line) ?? []
    if (comment !== undefined && (call !== undefined || follows)) said.push(comment)
    else if (comment === undefined || line.includes('console.log(')) follows = false
    if (line.includes('console.log(')) follows = true
  }
  return said.map((comment) => comment.trim())
}

/**
 * Lines of `said` that were not printed, in this order; `prints` may have more. Text after `;` or `:`
 * explains.
 */
export function notPrinted(said: readonly string[], prints: readonly string[]): readonly string[] {
  const lines = prints
    .flatMap((text) => (text.includes('\n') ? [text, ...text.split('\n')] : [text]))
    .map(plain)
  let at = 0
  return said.filter((comment) => {
    const found = lines.findIndex((line, index) => index >= at && says(plain(comment), line))
    if (found < 0) return true
    at = found + 1
    return false
  })
}

function says(comment: string, line: string): boolean {
  return (
    comment === line || (line !== '' && [`${line};`, `${line}:`].some((start) => comment.startsWith(start)))
  )
}

function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}
