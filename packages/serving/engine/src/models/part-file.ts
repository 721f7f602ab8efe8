/**
 * An incomplete download: `<target>.part`, hashed as it grows, and a file with the server's version (etag), so that a later run
 * appends only to the same version.
 */

import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'

export class PartFile {
  readonly #path: string
  readonly #file: FileHandle
  #hash: Hash = createHash('sha256')
  #bytes = 0
  #etag: string | undefined

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /** Resumes the existing part if `isSameVersion` accepts its etag; otherwise starts over. */
  static async open(path: string, isSameVersion: (etag: string | undefined) => boolean): Promise<PartFile> {
    const part = new PartFile(path, await openOrCreate(path))
    part.#etag = await readFile(part.#notePath, 'utf8').catch(() => undefined)
    if (isSameVersion(part.#etag)) await part.#readBack()
    else await part.restart()
    return part
  }

  get path(): string {
    return this.#path
  }

  get bytes(): number {
    return this.#bytes
  }

  get etag(): string | undefined {
    return this.#etag
  }

  sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Sets the version of the content written from now on. */
  async setEtag(etag: string | undefined): Promise<void> {
    if (etag === this.#etag) return
    this.#etag = etag
    if (etag === undefined) await rm(this.#notePath, { force: true })
    else await writeFile(this.#notePath, etag)
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#file.write(chunk, done, chunk.length - done, this.#bytes + done)
      done += bytesWritten
    }
    this.#hash.update(chunk)
    this.#bytes += chunk.length
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0)
    this.#hash = createHash('sha256')
    this.#bytes = 0
  }

  /** Flushes to disk and renames, replacing an existing file. */
  async finish(target: string): Promise<void> {
    await this.#file.sync()
    await rename(this.#path, target)
    await rm(this.#notePath, { force: true })
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  get #notePath(): string {
    return `${this.#path}.etag`
  }

  async #readBack(): Promise<void> {
    const buffer = Buffer.alloc(1024 * 1024)
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#bytes)
      if (bytesRead === 0) return
      this.#hash.update(buffer.subarray(0, bytesRead))
      this.#bytes += bytesRead
    }
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return open(path, 'wx+')
  }
}
