/** Recognises a GGUF file by its first four bytes. The engine reports other problems when it loads the file. */

import { open } from 'node:fs/promises'
import { messageOf } from '@hadal/base'
import { modelNotGguf, modelUnreadable } from './errors.ts'

const magic = 'GGUF'

export function isGguf(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(0, 4)).toString('latin1') === magic
}

/** `"<!do" (a web page)`, for messages. */
export function describeStart(start: Uint8Array): string {
  const text = Buffer.from(start.subarray(0, 4)).toString('latin1')
  if (text === '') return 'nothing, it is empty'
  if (/^\s*<[!h]/i.test(text)) return `${JSON.stringify(text)}, as a web page does`
  if (text === 'vers') return '"vers", as the pointer of a Git LFS file that was not fetched does'
  return JSON.stringify(text)
}

/** Throws `model_not_gguf`, `model_unreadable`. */
export async function checkGguf(path: string): Promise<void> {
  const start = await readStart(path).catch((cause: unknown) => {
    throw modelUnreadable(path, messageOf(cause)).with({ cause })
  })
  if (!isGguf(start)) throw modelNotGguf(path, describeStart(start))
}

async function readStart(path: string): Promise<Uint8Array> {
  await using file = await open(path)
  const start = Buffer.alloc(4)
  const { bytesRead } = await file.read(start, 0, 4, 0)
  return start.subarray(0, bytesRead)
}
