/**
 * Whether a path may be touched: a read of a network file system whose server is gone never ends, and a process with such a read cannot
 * even exit. So a separate process tries first, and is abandoned if it hangs. Local file systems answer.
 */

import { readFile } from 'node:fs/promises'
import { runCommand } from '@hadal/output'

export interface AnswerOptions {
  /** As /proc/self/mounts has it; read where it is not given. */
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
