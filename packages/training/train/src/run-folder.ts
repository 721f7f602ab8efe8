/** A run's folder, locked against other processes and verified writable before any computation. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { CheckpointStore } from './checkpoint-store.ts'
import { folderUnusable } from './errors.ts'
import type { Run } from './run.ts'
import { lockRunFolder } from './run-lock.ts'

export interface RunFolder extends Disposable {
  readonly store: CheckpointStore
}

/** Disposing of it lets others in. Throws `train_run_locked`, or `train_folder_unusable` where the system refuses. */
export function openRunFolder(run: Run, warn: (message: string) => void): RunFolder {
  return orUnusable(run.folder, () => {
    const lock = lockRunFolder(run.folder, warn)
    try {
      const store = new CheckpointStore(run.folder, run.checkpoint.keep)
      const probe = join(store.folder, 'probe.partial')
      writeFileSync(probe, 'written before the first step, to know that it can be')
      rmSync(probe)
      return { store, [Symbol.dispose]: () => lock[Symbol.dispose]() }
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  })
}

/** Turns system errors on `folder` (EACCES, EROFS, EIO, ENOSPC, ...) into `train_folder_unusable`. */
export function orUnusable<T>(folder: string, body: () => T): T {
  try {
    return body()
  } catch (cause) {
    if (isHadalError(cause) || (cause as NodeJS.ErrnoException).code === undefined) throw cause
    throw folderUnusable(folder, messageOf(cause)).with({ cause })
  }
}
