/** Delivers a profile: terminal summary, trace and HTML files. */

import { relative, resolve } from 'node:path'
import type { Terminal } from '@hadal/output'
import { writeReportFile } from '@hadal/output'
import {
  type Advice,
  type Facts,
  type FlamePage,
  flamePage,
  summarizeTrace,
  type Trace,
  traceTable,
  writeChromeTrace,
} from '@hadal/profiling'

export interface ProfileFiles {
  /** For Perfetto and `hadal profile`. */
  readonly trace: string
  /** The trace lies there already. */
  readonly hasTrace?: boolean
  readonly html: string
}

export interface DeliveredProfile {
  readonly title: string
  readonly trace: Trace
  readonly advice: readonly Advice[]
  readonly facts: Facts
  readonly numbers?: FlamePage['numbers']
}

/** Default locations, in the terminal's folder. */
export function profileFiles(
  said: { readonly trace?: string | undefined; readonly html?: string | undefined },
  name: string,
  { folder }: Pick<Terminal, 'folder'>,
): ProfileFiles {
  return {
    trace: resolve(folder, said.trace ?? `${name}.json`),
    html: resolve(folder, said.html ?? `${name}.html`),
  }
}

/** Throws `report_unwritable`. `quiet`: writes only the files, because the output is machine-readable. */
export async function deliverProfile(
  { title, trace, advice, facts, numbers = [] }: DeliveredProfile,
  files: ProfileFiles,
  terminal: Terminal,
  quiet = false,
): Promise<void> {
  const summary = summarizeTrace(trace)
  if (files.hasTrace !== true)
    await writeReportFile(files.trace, Buffer.from(writeChromeTrace(trace)).toString('utf8'))
  await writeReportFile(files.html, flamePage({ title, trace, summary, advice, facts, numbers }))
  if (quiet) return
  const { style, columns } = terminal
  const lines = traceTable(
    { summary, advice, facts },
    { width: Math.min(columns, 110), paint: (text, how) => style[how](text) },
  )
  for (const line of lines) terminal.print(line)
  const shown = (path: string): string => relative(terminal.folder, path) || path
  terminal.note(
    `\n${shown(files.html)} is the page, ${shown(files.trace)} the trace (ui.perfetto.dev opens it)`,
  )
}
