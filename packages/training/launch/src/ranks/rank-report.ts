/** Messages of a rank to its launcher, over Node's IPC channel. */

import type { HadalError, HadalErrorFields } from '@hadal/base'
import type { Heartbeat } from '@hadal/train'

export type RankReport =
  /** The recipe is loaded: from here on its folder is known, and how long a rank may be silent. */
  | { readonly about: 'opened'; readonly folder: string; readonly timeoutSeconds: number }
  | ({ readonly about: 'beat' } & Heartbeat)
  /** It ends with a coded error, which the launcher reports. */
  | { readonly about: 'failed'; readonly error: HadalErrorFields & { readonly message: string } }
  /** It ends as it should, whatever its exit code. */
  | { readonly about: 'done' }

/** Whether a launcher started this process. */
export const hasLauncher = (): boolean => process.send !== undefined

/** Resolves when the message is sent; at once without a connected launcher. */
export function report(reported: RankReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(reported, undefined, {}, () => resolve())
  })
}

export const reportFailure = (error: HadalError): Promise<void> =>
  report({ about: 'failed', error: error.toWire() })

/** A rank does not outlive its launcher, however that ended. */
export function endWithLauncher(): void {
  if (!hasLauncher()) return
  process.on('disconnect', () => process.exit(1))
  // Listening to it must not keep the process going.
  process.channel?.unref()
}
