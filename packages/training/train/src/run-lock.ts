/**
 * Prevents two processes from training in one run folder: a file `train.lock` that names its holder. The lock of a dead holder, or
 * an incomplete one, is taken over.
 */

import { randomUUID } from 'node:crypto'
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { runLocked } from './errors.ts'

/** The process that trains in a folder. */
export interface RunHolder {
  readonly pid: number
  readonly host: string
  /** Start time of the process in the system's units; distinguishes it from a later process with the same PID. */
  readonly began: string | undefined
  /** ISO 8601. */
  readonly since: string
}

const fileName = 'train.lock'

/**
 * Locks `folder`, creating it if needed, until the result is disposed or the process exits. Throws `train_run_locked` while this or
 * another process holds it; reports through `warn` if it took over a lock.
 */
export function lockRunFolder(folder: string, warn: (message: string) => void): Disposable {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, fileName)
  const own: RunHolder = {
    pid: process.pid,
    host: hostname(),
    began: processBegan(process.pid),
    since: new Date().toISOString(),
  }
  const text = `${JSON.stringify(own)}\n`
  acquire(folder, path, text, warn)
  const release = (): void => {
    process.off('exit', release)
    remove(path, text)
  }
  process.on('exit', release)
  return { [Symbol.dispose]: release }
}

/** The process training in `folder`, as far as this machine knows; read-only. */
export function runHolder(folder: string): RunHolder | undefined {
  const path = join(folder, fileName)
  let found: string | undefined
  try {
    // Readers may open untrusted folders: reading a named pipe would block.
    if (lstatSync(path).isFile()) found = tryRead(path)
  } catch {
    return undefined
  }
  const holder = found === undefined ? undefined : parse(found)
  return holder !== undefined && mayLive(holder) ? holder : undefined
}

function acquire(folder: string, path: string, text: string, warn: (message: string) => void): void {
  while (!tryCreate(path, text)) {
    const found = tryRead(path)
    if (found === undefined) continue
    const holder = parse(found)
    if (holder !== undefined && mayLive(holder)) throw runLocked(folder, path, holder)
    // One at a time, or the second would take the lock of the first for the dead one it saw before.
    const takeover = `${path}.takeover`
    acquire(folder, takeover, text, warn)
    if (remove(path, found))
      warn(
        `removed the stale lock ${path} of ${holder ? `process ${holder.pid}, which has exited` : 'a crash'}`,
      )
    rmSync(takeover)
  }
}

/** The whole file appears at once, where the file system has hard links, and only when there is none. */
function tryCreate(path: string, text: string): boolean {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, text)
  try {
    return unless('EEXIST', () => linkSync(draft, path))
  } catch {
    return unless('EEXIST', () => writeFileSync(path, text, { flag: 'wx' }))
  } finally {
    rmSync(draft)
  }
}

/** Removes the lock if its content is `text`. */
function remove(path: string, text: string): boolean {
  const isIt = tryRead(path) === text
  if (isIt) rmSync(path)
  return isIt
}

function tryRead(path: string): string | undefined {
  let text: string | undefined
  unless('ENOENT', () => {
    text = readFileSync(path, 'utf8')
  })
  return text
}

/** Whether `body` succeeded; false if it failed with `code`. */
function unless(code: string, body: () => void): boolean {
  try {
    body()
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === code) return false
    throw thrown
  }
}

function parse(text: string): RunHolder | undefined {
  try {
    return JSON.parse(text) as RunHolder
  } catch {
    return undefined
  }
}

/** Processes on other machines cannot be checked. */
function mayLive({ pid, host, began }: RunHolder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = processBegan(pid)
  return now === undefined || now === began
}

/** Clock ticks since the machine started, `ended` for a zombie; undefined without /proc. */
function processBegan(pid: number): string | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The program's name precedes and may contain anything, including parentheses.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' ? 'ended' : fields[18]
}
