/**
 * Prevents two processes from downloading the same thing at the same time. A lock is a file that names its owner, which touches
 * it while alive; a stale one is taken over. The right to take over is itself a lock, named after the lock it replaces: so
 * exactly one of all processes that find it stale takes it over.
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

/** Owner of a lock file that is partially written, temporarily or permanently, or from another program. */
const unreadable = { token: 'unreadable' } as const

const touchMillis = 5000
const staleMillis = 30_000
const pollMillis = 500

/** Waits until the lock is free, calls `onWait` once per owner, and returns the release handle. */
export async function acquireLock(
  path: string,
  clock: Clock,
  onWait: (pid: number) => void,
  signal?: AbortSignal,
): Promise<AsyncDisposable> {
  const own: Owner = { pid: process.pid, host: hostname(), token: randomUUID().slice(0, 13) }
  let reported: string | undefined
  while (!(await tryTake(path, own))) {
    signal?.throwIfAborted()
    const owner = await readOwner(path)
    if (owner !== undefined && 'pid' in owner && reported !== owner.token) onWait(owner.pid)
    reported = owner?.token
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

/** Whether it is ours now: created, or taken over from a dead owner. */
async function tryTake(path: string, own: Owner): Promise<boolean> {
  if (await tryCreate(path, own)) return true
  const stale = await staleOwner(path)
  if (stale === undefined) return false
  const right = `${path}.${stale.token}`
  if (!(await tryTake(right, own))) return false
  // Replacing a lock gives up the right to it: if it still exists, no other process replaces it before us.
  const stands = (await staleOwner(path))?.token === stale.token
  if (stands) await rename(right, path)
  else await rm(right, { force: true })
  return stands
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

/** Undefined if it no longer exists. */
async function readOwner(path: string): Promise<Owner | typeof unreadable | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const { pid, host, token } = Object(JSON.parse(text)) as Partial<Owner>
    if (Number.isInteger(pid) && typeof host === 'string' && /^[\w-]+$/.test(token ?? ''))
      return { pid: pid!, host, token: token! }
  } catch {}
  return unreadable
}

/** Undefined unless the lock exists and its owner is dead. */
async function staleOwner(path: string): Promise<Owner | typeof unreadable | undefined> {
  const owner = await readOwner(path)
  if (owner === undefined) return undefined
  if ('pid' in owner && owner.host === hostname() && !isAlive(owner.pid)) return owner
  const touched = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  return Date.now() - touched > staleMillis ? owner : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
