/** Reads a file's lines, one at a time, from any byte offset. Reads in chunks, so that at most one line is in memory. */

import { closeSync, openSync, readSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { dataFileUnreadable } from './errors.ts'

/** Position of the next line: bytes and lines before it. */
export interface LinePlace {
  readonly offset: number
  readonly line: number
}

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without its line break (LF or CRLF), or why it is no text. */
  readonly content: { readonly text: string } | { readonly issue: string }
}

/** Longer lines are errors: a file without line breaks must not exhaust the memory. */
export const longestLineBytes: number = 64 * 1024 * 1024

const chunkBytes = 64 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @internal */
export class LineReader {
  readonly #path: string
  readonly #file: number
  readonly #longest: number
  readonly #chunk: Buffer = Buffer.allocUnsafe(chunkBytes)
  #filled = 0
  #at = 0
  #offset: number
  #line: number

  /** Throws `nn_data_file_unreadable`, as `next` does. To be disposed of. */
  constructor(
    path: string,
    { offset, line }: LinePlace = { offset: 0, line: 0 },
    longest: number = longestLineBytes,
  ) {
    this.#path = path
    this.#offset = offset
    this.#line = line
    this.#longest = longest
    this.#file = this.#attempt(() => openSync(path, 'r'))
  }

  /** Position of the next line. */
  get place(): LinePlace {
    return { offset: this.#offset, line: this.#line }
  }

  /** Undefined at the end. The last line needs no line break. */
  next(): Line | undefined {
    const begin = this.#offset
    const pieces: Buffer[] = []
    let size = 0
    for (let newline = -1; newline < 0; ) {
      if (this.#at === this.#filled && !this.#fill(begin + size)) {
        if (size === 0) return undefined
        break
      }
      newline = this.#chunk.subarray(0, this.#filled).indexOf(0x0a, this.#at)
      const end = newline < 0 ? this.#filled : newline
      size += end - this.#at
      if (size <= this.#longest) pieces.push(Buffer.from(this.#chunk.subarray(this.#at, end)))
      this.#at = newline < 0 ? end : newline + 1
      this.#offset = begin + size + (newline < 0 ? 0 : 1)
    }
    this.#line += 1
    const content =
      size > this.#longest
        ? { issue: `the line is longer than ${this.#longest} bytes` }
        : decode(Buffer.concat(pieces), begin === 0)
    return { number: this.#line, content }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }

  #fill(from: number): boolean {
    this.#at = 0
    this.#filled = this.#attempt(() => readSync(this.#file, this.#chunk, 0, chunkBytes, from))
    return this.#filled > 0
  }

  #attempt<T>(act: () => T): T {
    try {
      return act()
    } catch (thrown) {
      throw dataFileUnreadable(this.#path, messageOf(thrown)).with({ cause: thrown })
    }
  }
}

function decode(bytes: Buffer, isFirst: boolean): Line['content'] {
  try {
    const text = utf8.decode(bytes)
    const begin = isFirst && text.startsWith('\u{FEFF}') ? 1 : 0
    return { text: text.slice(begin, text.endsWith('\r') ? -1 : undefined) }
  } catch {
    return { issue: 'the line is not UTF-8' }
  }
}
