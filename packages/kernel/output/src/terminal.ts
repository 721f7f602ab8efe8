/** Output of commands; tests substitute it to capture output. */

import { createStyle, type Style, wantsColor } from './style.ts'

export interface Terminal {
  /** Writes a line of results to standard output. */
  print(text?: string): void
  /** Writes a line of progress, logs or errors to standard error. */
  note(text: string): void
  /** Replaces the status line on standard error; an empty text clears it. No effect unless `isInteractive`. */
  status(text: string): void
  /** Standard error is a terminal, where lines can be rewritten. */
  readonly isInteractive: boolean
  readonly columns: number
  /** Styles of standard output and standard error. */
  readonly style: Style
  readonly noteStyle: Style
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  const isInteractive = stderr.isTTY === true && env.TERM !== 'dumb'
  for (const stream of [stdout, stderr]) stream.on('error', ignoreNoReader)
  let hasStatus = false
  const clear = (): void => {
    if (hasStatus) stderr.write('\r\u001b[K')
    hasStatus = false
  }
  return {
    print(text = '') {
      clear()
      stdout.write(`${text}\n`)
    },
    note(text) {
      clear()
      stderr.write(`${text}\n`)
    },
    status(text) {
      if (!isInteractive) return
      clear()
      stderr.write(text)
      hasStatus = text !== ''
    },
    isInteractive,
    columns: stderr.columns ?? 80,
    style: createStyle(wantsColor(stdout.isTTY === true, env)),
    noteStyle: createStyle(wantsColor(stderr.isTTY === true, env)),
    env,
    folder: process.cwd(),
  }
}

/** A reader such as `head` may close the pipe early; later output is lost, which is not an error. */
function ignoreNoReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
