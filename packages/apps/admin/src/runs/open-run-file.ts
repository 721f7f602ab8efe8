/**
 * Opens a file of an untrusted run folder: regular files only. Links are not followed, and pipes or devices could block a thread forever.
 */

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Windows has neither. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants

/** Undefined if there is no such file. */
export async function openRunFile(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined)
  if (file === undefined || (await file.stat()).isFile()) return file
  await file.close()
  return undefined
}

/** Undefined also if it is larger than `maxBytes`. */
export async function readRunText(path: string, maxBytes: number): Promise<string | undefined> {
  const file = await openRunFile(path)
  try {
    return file === undefined || (await file.stat()).size > maxBytes ? undefined : await file.readFile('utf8')
  } finally {
    await file?.close()
  }
}
