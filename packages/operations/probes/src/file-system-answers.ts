/**
 * Whether a path can be accessed without hanging: a read from a network file system whose server is gone never returns, and a
 * process blocked in it cannot even exit. So a separate process tries first and is abandoned if it hangs. Local ones always pass.
 */

import { readFile } from 'node:fs/promises'
import { runCommand } from '@hadal/output'

export interface AnswerOptions {
  /** Format of /proc/self/mounts, which is the default. */
  readonly mounts?: string
  /** Sent ahead, with the path. */
  readonly scout?: readonly string[]
  readonly limitMillis?: number
}

const usualMillis = 2_000

export async function fileSystemAnswers(
  path: string,
  { mounts, scout = ['stat', '--'], limitMillis = usualMillis }: AnswerOptions = {},
): Promise<boolean> {
  const known = mounts ?? (await readFile('/proc/self/mounts', 'utf8').catch(() => ''))
  if (!isRemote(path, known)) return true
  const reading = await runCommand([...scout, path], { limitMillis, env: process.env })
  return !('failed' in reading) || reading.failed !== 'timed-out'
}

const remoteKinds = /^(nfs|cifs|smb|fuse|9p|ceph|lustre|gluster|afs|beegfs|gpfs|virtiofs)/

/** By the longest mount that the path lies in; of two of one place, the later one. */
export function isRemote(path: string, mounts: string): boolean {
  let [longest, kindThere] = ['', '']
  for (const line of mounts.split('\n')) {
    const [, place = '', kind = ''] = line.split(' ').map((field) => field.replace(/\\040/g, ' '))
    const isAbove = place === '/' || path === place || path.startsWith(`${place}/`)
    if (isAbove && place.startsWith('/') && place.length >= longest.length)
      [longest, kindThere] = [place, kind]
  }
  return remoteKinds.test(kindThere)
}
