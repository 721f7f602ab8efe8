/** Records a server profile during another measurement. Failures do not affect the measurement. */

import { isHadalError, messageOf } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { tryReportFile } from '@hadal/output'
import type { Trace } from '@hadal/profiling'
import { profileFiles } from './deliver-profile.ts'
import { deliverServerProfile, profileSeconds } from './deliver-server-profile.ts'
import { fetchProfile } from './fetch-profile.ts'

export interface ProfileLoad {
  begin(): void
  /** Waits until it is over. Throws `report_unwritable`. */
  deliver(): Promise<void>
}

/** Throws `usage` and `report_unwritable`. */
export async function profileLoad(
  {
    url,
    apiKey,
    profile,
  }: { readonly url: string; readonly apiKey?: string; readonly profile?: string | true },
  terminal: Terminal,
  stop: AbortSignal,
): Promise<ProfileLoad> {
  const seconds = profileSeconds(typeof profile === 'string' ? profile : undefined)
  const files = profileFiles({}, 'hadal-profile', terminal)
  for (const path of [files.trace, files.html]) await tryReportFile(path)
  let recording: Promise<Trace | undefined> | undefined
  return {
    begin() {
      recording = fetchProfile({ url, apiKey, seconds }, stop).catch((error: unknown) => {
        const help = isHadalError(error) && error.help !== undefined ? ` ${error.help}` : ''
        if (!stop.aborted) terminal.note(`no profile: ${messageOf(error)}.${help}`)
        return undefined
      })
    },
    async deliver() {
      const trace = await recording
      if (trace === undefined) return
      terminal.print()
      await deliverServerProfile(url, trace, files, terminal)
    },
  }
}
