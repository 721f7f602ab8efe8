/** `hadal profile http://...`: records a live server and reports where its time goes. */

import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  formatTable,
  type StopSignals,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
} from '@hadal/output'
import { servingAdvice, servingFacts, servingRows, type Trace } from '@hadal/profiling'
import { deliverProfile, type ProfileFiles, profileFiles } from '../profile/deliver-profile.ts'
import { fetchProfile } from '../profile/fetch-profile.ts'

export interface ProfileServerFlags {
  readonly seconds?: string | undefined
  readonly apiKey?: string | undefined
  readonly model?: string | undefined
  readonly trace?: string | undefined
  readonly html?: string | undefined
  readonly json?: boolean | undefined
}

const defaultSeconds = '10'

export async function profileServer(
  url: string,
  flags: ProfileServerFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  if (!URL.canParse(url)) throw usage(`${JSON.stringify(url)} is no http URL`, 'hadal profile')
  const seconds = profileSeconds(flags.seconds)
  const files = profileFiles(flags, 'hadal-profile', terminal)
  for (const path of [files.trace, files.html]) await tryReportFile(path)
  const { apiKey, model } = flags
  terminal.note(`recording ${url} for ${seconds} s`)
  let trace: Trace
  try {
    trace = await fetchProfile({ url, apiKey, model, seconds }, stop.first)
  } catch (error) {
    if (!stop.first.aborted || error !== stop.first.reason) throw error
    terminal.note('stopped before anything was recorded')
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
  await deliverServerProfile(url, trace, files, terminal, flags.json)
  return exitCodes.success
}

/** `where` is for display. `asJson`: prints machine-readable numbers. Throws `report_unwritable`. */
export async function deliverServerProfile(
  where: string,
  trace: Trace,
  files: ProfileFiles,
  terminal: Terminal,
  asJson = false,
): Promise<void> {
  const models = servingFacts(trace)
  const advice = servingAdvice(models)
  const names = models.map(({ model }) => model).join(', ')
  const seconds = (trace.durationMicros / 1e6).toFixed(1)
  const title = names === '' ? `nobody asked ${where}` : `${names} at ${where}`
  const numbers = models.map((facts) => ({ title: facts.model, rows: servingRows(facts) }))
  const about = { recorded: `${seconds} s` }
  if (asJson) terminal.print(JSON.stringify({ models, advice, notes: trace.notes ?? [] }, null, 2))
  else
    for (const { title: model, rows } of numbers) {
      terminal.print(terminal.style.bold(model))
      const cells = rows.map(([what, figure]) => [`  ${what}`, figure])
      terminal.print(`${formatTable(cells, ['left', 'left'])}\n`)
    }
  await deliverProfile({ title, trace, advice, facts: { about }, numbers }, files, terminal, asJson)
}

/** Throws `usage`. */
export function profileSeconds(text: string = defaultSeconds): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw usage(`${JSON.stringify(text)} is not a number above 0`, 'hadal profile')
}
