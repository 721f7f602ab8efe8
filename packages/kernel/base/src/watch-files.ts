/**
 * Tells when files change, by looking at them again and again: so it does not matter whether they are written, replaced by
 * a rename, or reached through a link that somebody turns to another folder, nor what the file system can announce. Knows
 * nothing of what they hold.
 */

import { type BigIntStats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type Clock, systemClock } from './clock.ts'

export interface WatchFilesOptions {
  /** Asked for at each look. */
  readonly files: () => readonly string[]
  /** Once they have looked the same twice after a change. */
  readonly onChange: (changed: readonly string[]) => void
  readonly clock?: Clock
  readonly pollMillis?: number
}

/** What each file looked like. */
export type Looks = ReadonlyMap<string, string>

export interface FileWatch extends Disposable {
  /** Looks at files that were not watched before: any change of theirs from now on counts. */
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
 * What differs from what is known, where it differs no more from the look before; undefined while it still does. A file
 * that was not watched before is no change.
 */
export function settledChanges(known: Looks, last: Looks, now: Looks): readonly string[] | undefined {
  for (const [file, looks] of now) if (last.has(file) && last.get(file) !== looks) return undefined
  return [...now].flatMap(([file, looks]) => (known.has(file) && known.get(file) !== looks ? file : []))
}

async function look(files: readonly string[]): Promise<Looks> {
  return new Map(await Promise.all(files.map(async (file) => [file, await lookOf(file)] as const)))
}

/** Of what a link leads to. */
async function lookOf(file: string): Promise<string> {
  try {
    return described(await stat(file, { bigint: true }))
  } catch {
    return 'absent'
  }
}

/** The same before anything else can happen. */
function looksNow(file: string): string {
  try {
    return described(statSync(file, { bigint: true }))
  } catch {
    return 'absent'
  }
}

const described = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(' ')
