/** Reads complete lines of a growing file, each once. A truncated or replaced file is read from the start. */

import type { FileHandle } from 'node:fs/promises'
import { openRunFile } from './open-run-file.ts'

export interface LineListener {
  /** Discards everything received before. */
  begin(): void
  /** `end` is the place in the file behind the line. */
  line(text: string, end: number): void
  /** A line longer than any that is meant, passed over. */
  tooLong(): void
}

export interface Followed {
  /** To the end of the last whole line. */
  readonly offset: number
  readonly size: number
  /** There was more to read than could be in this time. */
  readonly isBehind: boolean
}

const chunkBytes = 256 * 1024
const longestLine = chunkBytes
const newline = 0x0a
/** Bytes before the read offset, to detect a replaced file. */
const rememberedBytes = 256

export class LineFollower {
  readonly #path: string
  readonly #listener: LineListener
  #offset = 0
  #before: Buffer = Buffer.alloc(0)
  #isInLongLine = false
  #reading: Promise<Followed> | undefined

  constructor(path: string, listener: LineListener) {
    this.#path = path
    this.#listener = listener
  }

  /** Reads to the end or for about `millis`. A missing file is empty. Concurrent callers share the result. */
  read(millis: number): Promise<Followed> {
    this.#reading ??= this.#read(performance.now() + millis).finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(until: number): Promise<Followed> {
    const file = await openRunFile(this.#path)
    if (file === undefined) {
      if (this.#offset > 0) this.#begin()
      return { offset: 0, size: 0, isBehind: false }
    }
    try {
      const { size } = await file.stat()
      if (!(await this.#goesOn(file, size))) this.#begin()
      const chunk = Buffer.allocUnsafe(chunkBytes)
      while (this.#offset < size) {
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, this.#offset)
        const taken = this.#take(chunk.subarray(0, bytesRead))
        if (taken === 0) break
        this.#offset += taken
        if (performance.now() > until) break
      }
      // An incomplete last line cannot be parsed yet.
      const isBehind = size - this.#offset > longestLine || performance.now() > until
      return { offset: this.#offset, size, isBehind: isBehind && this.#offset < size }
    } finally {
      await file.close()
    }
  }

  #begin(): void {
    this.#offset = 0
    this.#before = Buffer.alloc(0)
    this.#isInLongLine = false
    this.#listener.begin()
  }

  async #goesOn(file: FileHandle, size: number): Promise<boolean> {
    const { length } = this.#before
    if (length === 0) return this.#offset === 0
    if (size < this.#offset) return false
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, this.#offset - length)
    return bytesRead === length && buffer.equals(this.#before)
  }

  /** Returns the number of bytes of `chunk` consumed. */
  #take(chunk: Buffer): number {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      if (this.#isInLongLine) this.#isInLongLine = false
      else this.#listener.line(chunk.toString('utf8', start, end), this.#offset + end + 1)
      start = end + 1
    }
    if (start === 0 && chunk.length === chunkBytes) {
      if (!this.#isInLongLine) this.#listener.tooLong()
      this.#isInLongLine = true
      start = chunk.length
    }
    if (start > 0) this.#before = Buffer.from(chunk.subarray(Math.max(0, start - rememberedBytes), start))
    return start
  }
}
