/** A regular file opened for reading at any offset. */

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { tensorFileUnreadable } from './errors.ts'

export class RandomAccessFile {
  readonly path: string
  readonly size: number
  #descriptor: number | undefined

  constructor(path: string) {
    this.path = path
    try {
      // Before opening: to open a named pipe waits for its other end.
      if (!statSync(path).isFile()) throw new Error('it is not a regular file')
      this.#descriptor = openSync(path, 'r')
      this.size = fstatSync(this.#descriptor).size
    } catch (cause) {
      this.close()
      throw tensorFileUnreadable(path, messageOf(cause)).with({ cause })
    }
  }

  /** A fresh array, alone in its buffer. The caller has checked the range against `size`. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const { path } = this
    if (this.#descriptor === undefined) throw tensorFileUnreadable(path, 'it has been closed')
    try {
      const bytes = new Uint8Array(length)
      for (let done = 0; done < length; ) {
        const most = Math.min(length - done, maxReadLength)
        const got = readSync(this.#descriptor, bytes, done, most, offset + done)
        if (got === 0) throw new Error(`it ends at byte ${offset + done}: it was cut short while in use`)
        done += got
      }
      return bytes
    } catch (cause) {
      throw tensorFileUnreadable(path, messageOf(cause)).with({ cause })
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }
}

/** The system call takes a signed 32-bit count. */
const maxReadLength = 1 << 30
