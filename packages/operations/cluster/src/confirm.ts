/** A y/n prompt for interactive terminals. */

import { createInterface } from 'node:readline/promises'
import type { Terminal } from '@hadal/output'
import { say, usage } from '@hadal/output'

/** Throws `usage` without an interactive terminal. */
export async function confirm(question: string, terminal: Terminal, command: string): Promise<boolean> {
  if (!terminal.isInteractive || !process.stdin.isTTY)
    throw usage(say`no terminal for the confirmation; use --yes to skip it`, command)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
