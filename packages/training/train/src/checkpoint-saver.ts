/**
 * Writes a run's checkpoints and emits events for them. Without a store it does neither, because another rank does. A full disk
 * loses a checkpoint; it ends the run only if the checkpoint is required.
 */

import { statfsSync } from 'node:fs'
import { type Clock, messageOf } from '@hadal/base'
import type { Audience } from './audience.ts'
import type { Checkpoint, SavedSession } from './checkpoint-file.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import { secondsSince } from './elapsed.ts'
import { checkpointUnwritten } from './errors.ts'

export class CheckpointSaver {
  readonly #store: CheckpointStore | undefined
  readonly #audience: Audience
  readonly #clock: Clock

  constructor(store: CheckpointStore | undefined, audience: Audience, clock: Clock) {
    this.#store = store
    this.#audience = audience
    this.#clock = clock
  }

  /** Warns if writing fails; throws `train_checkpoint_unwritten` instead if `must` is set. */
  async save(checkpoint: Checkpoint, must: boolean): Promise<void> {
    const store = this.#store
    if (store === undefined) return
    const { step } = checkpoint.state
    const start = this.#clock.now()
    let path: string
    try {
      path = store.save(checkpoint)
    } catch (cause) {
      const { folder } = store
      const room = { needBytes: bytesOf(checkpoint), freeBytes: freeBytes(folder) }
      const issue = checkpointUnwritten(step, folder, messageOf(cause), room, store.newest())
      if (must) throw issue.with({ cause })
      await this.#audience.notify({
        type: 'warning',
        message: `${issue.message}; training continues and will retry`,
      })
      return
    }
    await this.#audience.notify({ type: 'checkpoint', step, path, seconds: secondsSince(this.#clock, start) })
  }

  /** Keeps `checkpoint` if it is among the `count` best. It is not meant for resuming. */
  async saveBest({ lastGood: _, ...checkpoint }: Checkpoint, loss: number, count: number): Promise<void> {
    const { step } = checkpoint.state
    let path: string | undefined
    try {
      path = this.#store?.saveBest(checkpoint, loss, count)
    } catch (cause) {
      const message = `cannot keep the checkpoint of step ${step} as one of the best: ${messageOf(cause)}`
      await this.#audience.notify({ type: 'warning', message })
    }
    if (path !== undefined) await this.#audience.notify({ type: 'best', step, path, loss })
  }
}

function bytesOf({ lastGood, ...session }: Checkpoint): number {
  const of = ({ weights, optimizer, average }: SavedSession): number =>
    [weights, optimizer, average]
      .flatMap((part) => [...part.values()])
      .reduce((sum, { bytes }) => sum + bytes.length, 0)
  return of(session) + (lastGood ? of(lastGood) : 0)
}

/** undefined if the system does not report it. */
function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}
