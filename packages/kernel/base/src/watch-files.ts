/**
 * Detects file changes by polling: so it works for files that are written, replaced by a rename, or reached through a symlink
 * that changes, and does not depend on file system events.
 */

import { type BigIntStats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type Clock, systemClock } from './clock.ts'

export interface WatchFilesOptions {
  /** Called at each poll. */
  readonly files: () => readonly string[]
  /** Called once two polls after a change agree. */
  readonly onChange: (changed: readonly string[]) => void
  readonly clock?: Clock
  readonly pollMillis?: number
}

/** The observed state of each file. */
export type Looks = ReadonlyMap<string, string>

export interface FileWatch extends Disposable {
  /** Starts watching new files: their changes from now on count. */
  adopt(): void
}

/** @internal */
export function watchFiles({
  files,
  onChange,
  clock = systemClock,
  pollMillis = 1_000,
}: WatchFilesOptions): FileWatch {
  const stopped = new AbortController()
  let known: Looks = new Map()
  let last: Looks = known
  const adopt = (): void => {
    const added = files().flatMap((file) => (known.has(file) ? [] : [[file, looksNow(file)] as const]))
    known = new Map([...added, ...known])
    last = new Map([...added, ...last])
  }
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await clock.sleep(pollMillis, stopped.signal)
      const now = await look(files())
      if (stopped.signal.aborted) return
      const changed = settledChanges(known, last, now)
      last = now
      if (changed === undefined) continue
      known = now
      if (changed.length > 0) onChange(changed)
    }
  }
  adopt()
  watch().catch(() => {})
  return { adopt, [Symbol.dispose]: () => stopped.abort() }
}

/**
 * Changes since the known state, once they are equal in two successive polls; undefined until then. A newly watched file is not
 * a change.
 */
export function settledChanges(known: Looks, last: Looks, now: Looks): readonly string[] | undefined {
  for (const [file, looks] of now) if (last.has(file) && last.get(file) !== looks) return undefined
  return [...now].flatMap(([file, looks]) => (known.has(file) && known.get(file) !== looks ? file : []))
}

async function look(files: readonly string[]): Promise<Looks> {
  return new Map(await Promise.all(files.map(async (file) => [file, await statOf(file)] as const)))
}

/** Follows symlinks. */
async function statOf(file: string): Promise<string> {
  try {
    return described(await stat(file, { bigint: true }))
  } catch {
    return 'absent'
  }
}

/** The same, synchronously. */
function looksNow(file: string): string {
  try {
    return described(statSync(file, { bigint: true }))
  } catch {
    return 'absent'
  }
}

const described = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(' ')
