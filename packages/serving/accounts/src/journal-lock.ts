/** Ensures that one process at a time writes to a folder, with a name that is stable across restarts. */

import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processStart } from '@hadal/base'
import { journalInUse } from './errors.ts'

export class JournalLock implements Disposable {
  readonly owner: string
  readonly #path: string

  /** Throws `journal_in_use`. */
  constructor(folder: string) {
    this.#path = join(folder, 'lock')
    const holder = readText(this.#path)
    if (holder !== undefined) {
      const [pid, started] = holder.split(' ')
      // In a container, a restarted process has the same pid.
      const isAlive = Number(pid) !== process.pid && processStart(Number(pid)) === started
      if (isAlive || held.has(this.#path)) throw journalInUse(folder, Number(pid))
    }
    held.add(this.#path)
    writeFileSync(this.#path, `${process.pid} ${processStart(process.pid)}`)
    this.owner = ownerOf(join(folder, 'owner'))
  }

  [Symbol.dispose](): void {
    if (held.delete(this.#path)) rmSync(this.#path, { force: true })
  }
}

/** By this process. */
const held = new Set<string>()

function ownerOf(path: string): string {
  const known = readText(path)
  if (known !== undefined && /^[\w-]{36}$/.test(known)) return known
  const owner = randomUUID()
  writeFileSync(path, owner)
  return owner
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
