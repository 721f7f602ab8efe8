/** What a rank tells the process that started it, over the channel that Node gives the two; and how it tells. */

import type { HadalError, HadalErrorFields } from '@hadal/base'
import type { Heartbeat } from '@hadal/train'

export type RankReport =
  /** The recipe is loaded: from here on its folder is known, and how long a rank may be silent. */
  | { readonly about: 'opened'; readonly folder: string; readonly timeoutSeconds: number }
  | ({ readonly about: 'beat' } & Heartbeat)
  /** It ends with an error that has a code; the launcher tells it. */
  | { readonly about: 'failed'; readonly error: HadalErrorFields & { readonly message: string } }
  /** It ends as it should, whatever its exit code. */
  | { readonly about: 'done' }

/** Whether somebody started this process who wants to hear of it. */
export const hasLauncher = (): boolean => process.send !== undefined

/** Resolves when it is on its way; at once where nobody listens (any more). */
export function report(told: RankReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(told, undefined, {}, () => resolve())
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
