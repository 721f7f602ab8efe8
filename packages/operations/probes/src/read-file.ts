/** The text of a file of any kind: a pipe without a writer, a device, a folder, on a file system that does not respond. */

import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { formatMillis } from '@hadal/base'
import type { RawReading } from '@hadal/doctor'

const usualMaxBytes = 2 ** 20
const limitMillis = 3_000
const pieceBytes = 65_536

/** Reads the start, 1 MiB unless `maxBytes` is given. Never rejects. */
export function readTextFile(path: string, maxBytes: number = usualMaxBytes): Promise<RawReading> {
  return within(limitMillis, readStart(path, maxBytes).catch(notRead))
}

/** What comes first. A read of a dead network file system never ends; it is left to itself. */
export function within(millis: number, reading: Promise<RawReading>): Promise<RawReading> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<RawReading>((resolve) => {
    timer = setTimeout(
      () => resolve({ failed: 'timed-out', detail: `no response within ${formatMillis(millis)}` }),
      millis,
    )
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}

async function readStart(path: string, maxBytes: number): Promise<RawReading> {
  // Before opening: to open a named pipe waits for its other end.
  const kind = await stat(path)
  if (!kind.isFile()) return { failed: 'unreadable', detail: `${path} must be a regular file` }
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    // Files of /proc say that they hold nothing, and are read to their end.
    const pieces: Buffer[] = []
    let bytes = 0
    while (bytes <= maxBytes) {
      const piece = Buffer.alloc(Math.min(pieceBytes, maxBytes + 1 - bytes))
      const { bytesRead } = await file.read(piece, 0, piece.length, null)
      if (bytesRead === 0) break
      pieces.push(piece.subarray(0, bytesRead))
      bytes += bytesRead
    }
    const text = Buffer.concat(pieces).subarray(0, maxBytes).toString('utf8')
    return { text, ...(bytes > maxBytes && { isCut: true }) }
  } finally {
    await file.close()
  }
}

function notRead(thrown: NodeJS.ErrnoException): RawReading {
  if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
    return { failed: 'absent', detail: 'the file does not exist' }
  if (thrown.code === 'EACCES' || thrown.code === 'EPERM')
    return { failed: 'refused', detail: 'it is not readable by this user' }
  return { failed: 'unreadable', detail: thrown.message }
}
