/** Where output goes. Commands write through this, so that tests can read what they say. */

import { createStyle, type Style, wantsColor } from './style.ts'

export interface Terminal {
  /** Results: to standard output, with a line break added. */
  print(text?: string): void
  /** Progress, logs and errors: to standard error, with a line break added. */
  note(text: string): void
  /** Replaces the last status line on standard error; an empty text removes it. Does nothing unless `isInteractive`. */
  status(text: string): void
  /** Standard error is a terminal, where lines can be rewritten. */
  readonly isInteractive: boolean
  readonly columns: number
  /** Of standard output, and of standard error. */
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

/** Who read the output may have read enough, as `head` does: what is said after that is lost, and no fault. */
function ignoreNoReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
