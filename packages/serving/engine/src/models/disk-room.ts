/** Checks whether a download fits on the disk. */

import { statfs } from 'node:fs/promises'
import { diskFull } from './errors.ts'

/** Throws `disk_full`. */
export async function checkRoom(folder: string, neededBytes: number): Promise<void> {
  const free = await freeBytes(folder)
  if (neededBytes > free) throw diskFull(folder, neededBytes, free)
}

export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
