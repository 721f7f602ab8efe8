/** `hadal profile http://...`: records a live server and reports where its time goes. */

import { deliverServerProfile, fetchProfile, profileFiles, profileSeconds } from '@hadal/load'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  type StopSignals,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
} from '@hadal/output'
import type { Trace } from '@hadal/profiling'

export interface ProfileServerFlags {
  readonly seconds?: string | undefined
  readonly apiKey?: string | undefined
  readonly model?: string | undefined
  readonly trace?: string | undefined
  readonly html?: string | undefined
  readonly json?: boolean | undefined
}

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
