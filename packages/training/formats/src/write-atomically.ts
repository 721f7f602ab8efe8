/**
 * Writes a file under a temporary name alongside its final one, flushes it to disk and renames it: readers see the old file or the
 * new one, never a part.
 */

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { tensorFileUnwritable } from './errors.ts'

export interface FileSink {
  /** Bytes written so far. */
  readonly position: number
  write(bytes: Uint8Array): void
  /** Writes zeros up to the next multiple of `alignment`. */
  pad(alignment: number): void
}

/** If `fill` throws, the temporary file is removed and `path` keeps its content. */
export function writeAtomically(path: string, fill: (sink: FileSink) => void): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.partial`
  let descriptor: number | undefined
  try {
    descriptor = openSync(temporary, 'wx')
    fill(sinkTo(descriptor))
    fsyncSync(descriptor)
    closeSync(descriptor)
    descriptor = undefined
    renameSync(temporary, path)
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor)
    rmSync(temporary, { force: true })
    throw isHadalError(cause) ? cause : tensorFileUnwritable(path, messageOf(cause)).with({ cause })
  }
  flushFolder(dirname(path))
}

function sinkTo(descriptor: number): FileSink {
  let position = 0
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, maxWriteLength))
    }
    position += bytes.length
  }
  return {
    get position() {
      return position
    },
    write,
    pad: (alignment) => write(new Uint8Array(-position & (alignment - 1))),
  }
}

const maxWriteLength = 1 << 30

/** Makes the rename itself durable, where folders can be flushed (not on Windows). */
function flushFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {}
}
