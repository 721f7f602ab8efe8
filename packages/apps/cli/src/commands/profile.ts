/** `hadal profile`: shows a run's recorded steps or any trace; dispatches servers and nsys reports. */

import { relative, resolve } from 'node:path'
import { readProfile } from '@hadal/load'
import type { Terminal } from '@hadal/output'
import { exitCodes, usage, writeReportFile } from '@hadal/output'
import { advice, compareLines, flamePage, servingFacts, summarizeTrace, traceTable } from '@hadal/profiling'

export interface ProfileFlags {
  readonly compare?: string | undefined
  readonly rows?: string | undefined
  readonly rank?: string | undefined
  readonly html?: string | undefined
  readonly trace?: string | undefined
  readonly json?: boolean | undefined
  readonly seconds?: string | undefined
  readonly apiKey?: string | undefined
  readonly model?: string | undefined
}

export async function profile(what: string, flags: ProfileFlags, terminal: Terminal): Promise<number> {
  if (/^https?:\/\//.test(what))
    return (await import('./profile-server.ts')).profileServer(what, flags, terminal)
  if (/\.(sqlite|nsys-rep)$/.test(what))
    return (await import('./profile-nsys.ts')).profileNsys(what, flags, terminal)
  return showProfile(what, flags, terminal)
}

async function showProfile(
  what: string,
  { compare, rows, rank, html, json }: ProfileFlags,
  terminal: Terminal,
): Promise<number> {
  const place = count('--rank', rank, 0)
  const shownRows = count('--rows', rows, 1)
  const read = readProfile(resolve(terminal.folder, what), place)
  const { title, trace, facts } = read
  if (compare === undefined && servingFacts(trace).length > 0) {
    const page = resolve(terminal.folder, html ?? pageName(title))
    const { deliverServerProfile } = await import('@hadal/load')
    const files = { trace: read.tracePath, hasTrace: true, html: page }
    await deliverServerProfile(title, trace, files, terminal, json)
    return exitCodes.success
  }
  const summary = summarizeTrace(trace)
  const found = advice(summary, facts)
  if (json) {
    terminal.print(JSON.stringify({ facts, summary, advice: found }, null, 2))
    return exitCodes.success
  }
  const { style, columns } = terminal
  const paint = (text: string, how: 'bold' | 'dim'): string => style[how](text)
  if (compare !== undefined) {
    const other = readProfile(resolve(terminal.folder, compare), place)
    const before = { title, summary, facts }
    const after = { title: other.title, summary: summarizeTrace(other.trace), facts: other.facts }
    for (const line of compareLines(before, after, { paint, ...(shownRows && { rows: shownRows }) }))
      terminal.print(line)
    return exitCodes.success
  }
  const input = { summary, advice: found, facts: { ...facts, title } }
  const options = { width: Math.min(columns, 110), paint, ...(shownRows && { rows: shownRows }) }
  for (const line of traceTable(input, options)) terminal.print(line)
  let page = read.page
  if (html !== undefined || page === undefined) {
    page = resolve(terminal.folder, html ?? pageName(title))
    await writeReportFile(page, flamePage({ title, trace, summary, advice: found, facts }))
  }
  const shown = (path: string): string => relative(terminal.folder, path) || path
  terminal.note(`\n${shown(page)} is the page, ${shown(read.tracePath)} the trace (ui.perfetto.dev opens it)`)
  return exitCodes.success
}

const pageName = (title: string): string =>
  `${title.replace(/(\.json)?(\.gz)?$/, '').replace(/[^\w.-]+/g, '-')}.html`

function count(flag: string, said: string | undefined, least: number): number | undefined {
  if (said === undefined) return undefined
  const value = Number(said)
  if (said.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value
  throw usage(`${flag}: ${JSON.stringify(said)} is no whole number of at least ${least}`, 'hadal profile')
}
