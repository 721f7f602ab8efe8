/**
 * Keeps two processes from downloading the same thing at once. A lock is a file that names its owner, who touches it
 * while alive; one that went stale is taken over. The worst that a lost race can do is a download made twice, for files
 * get their final name only when checked.
 */

import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { type Clock, messageOf } from '@hadal/base'
import { cacheNotWritable } from './errors.ts'

interface Owner {
  readonly pid: number
  readonly host: string
  readonly token: string
}

const touchMillis = 5000
const staleMillis = 30_000
const pollMillis = 500

/** Waits until the lock is free, tells `onWait` once per owner, and gives what releases it. */
export async function acquireLock(
  path: string,
  clock: Clock,
  onWait: (pid: number) => void,
  signal?: AbortSignal,
): Promise<AsyncDisposable> {
  const own: Owner = { pid: process.pid, host: hostname(), token: randomUUID() }
  let told: string | undefined
  while (!(await tryCreate(path, own))) {
    signal?.throwIfAborted()
    const owner = await readOwner(path)
    if (await isStale(path, owner)) {
      await breakLock(path)
      continue
    }
    if (owner !== undefined && told !== owner.token) onWait(owner.pid)
    told = owner?.token
    await clock.sleep(pollMillis, signal)
  }
  const touching = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), touchMillis)
  touching.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(touching)
      if ((await readOwner(path))?.token === own.token) await rm(path, { force: true })
    },
  }
}

async function tryCreate(path: string, own: Owner): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(JSON.stringify(own))
    await file.close()
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cacheNotWritable(path, messageOf(cause)).with({ cause })
  }
}

/** Undefined when there is none any more, or it is only half written. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

async function isStale(path: string, owner: Owner | undefined): Promise<boolean> {
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true
  const touched = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  return Date.now() - touched > staleMillis
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Moves it aside first, so that of several takers only one succeeds. */
async function breakLock(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
    await rm(aside, { force: true })
  } catch {
    // Somebody else was faster.
  }
}
