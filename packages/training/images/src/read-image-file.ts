/** The bytes of an image's file, within the limit. */

import { open } from 'node:fs/promises'
import { messageOf } from '@hadal/base'
import { imageInvalid, imageNotFound, imageTooManyBytes, imageUnreadable } from './errors.ts'

/**
 * Throws image_not_found, image_unreadable, image_invalid (empty) or image_too_many_bytes.
 *
 * @example
 * ```ts
 * import { findFormat, readImageFile } from '@hadal/images'
 *
 * const bytes = await readImageFile('cat.jpg', 32 * 2 ** 20) // at most 32 MiB
 * console.log(findFormat(bytes))
 * ```
 */
export async function readImageFile(
  path: string,
  maxBytes: number,
  name: string = path,
): Promise<Uint8Array> {
  try {
    // Opening a pipe would wait for a writer; files are distinguished before they are read.
    const file = await open(path, 'r')
    try {
      const facts = await file.stat()
      if (!facts.isFile())
        throw imageUnreadable(name, facts.isDirectory() ? 'it is a folder' : 'it is no file')
      checkBytes(facts.size, maxBytes, name)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw imageNotFound(name).with({ cause: error })
    if (code?.startsWith('E')) throw imageUnreadable(name, messageOf(error)).with({ cause: error })
    throw error
  }
}

export function checkBytes(bytes: number, maxBytes: number, name: string): void {
  if (bytes === 0) throw imageInvalid(name, 'it is empty')
  if (bytes > maxBytes) throw imageTooManyBytes(name, bytes, maxBytes)
}
