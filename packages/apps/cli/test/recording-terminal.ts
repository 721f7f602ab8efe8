/** A terminal that records its output. */

import type { Terminal } from '@hadal/output'
import { createStyle } from '@hadal/output'

export interface RecordingTerminal extends Terminal {
  /** Standard output and standard error. */
  readonly printed: string[]
  readonly noted: string[]
  readonly statuses: string[]
}

export function recordingTerminal(given: Partial<Terminal> & { color?: boolean } = {}): RecordingTerminal {
  const [printed, noted, statuses]: string[][] = [[], [], []]
  const style = createStyle(given.color ?? false)
  return {
    print: (text = '') => void printed!.push(text),
    note: (text) => void noted!.push(text),
    status: (text) => void statuses!.push(text),
    isInteractive: false,
    columns: 80,
    style,
    noteStyle: style,
    env: {},
    folder: process.cwd(),
    ...given,
    printed: printed!,
    noted: noted!,
    statuses: statuses!,
  }
}
