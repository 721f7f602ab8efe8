/** An append-only file of whole records. Data that a full disk rejects is retried with the next record. */

import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'

export class LogFile {
  readonly #path: string
  #waiting: Uint8Array = new Uint8Array()

  constructor(path: string) {
    this.#path = path
  }

  append(record: string | Uint8Array): void {
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(record)])
    const file = openSync(this.#path, 'a')
    const { size } = fstatSync(file)
    try {
      for (let done = 0; done < this.#waiting.length; ) done += writeSync(file, this.#waiting, done)
      this.#waiting = new Uint8Array()
    } catch (error) {
      ftruncateSync(file, size)
      if (!isFull(error)) throw error
    } finally {
      closeSync(file)
    }
  }
}

const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
