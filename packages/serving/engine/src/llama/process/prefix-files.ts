/**
 * Keys and values of shared prefixes, kept on disk for later processes. A file is valid only for the model and settings it was
 * made with, and only if it is complete: llama.cpp aborts the process on any other.
 */

import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'

export interface KeptPrefix {
  readonly tokens: readonly number[]
  readonly bytes: Uint8Array
}

/** Everything keys and values depend on. */
export interface PrefixIdentity {
  readonly modelPaths: readonly string[]
  /** Library build and cell layout. */
  readonly settings: readonly (string | number | boolean | null)[]
}

interface KeptFile {
  readonly path: string
  readonly bytes: number
  readonly mtimeMs: number
}

/** Changes with the file format. */
const magic = Buffer.from('hadalkv1')
const digestBytes = 32
/** For one file; older unfinished ones are abandoned. */
const longestWriteMillis = 600_000
/** Hashed at both ends of a model's file: hashing all of it would take as long as loading it. */
const sampledBytes = 1024 * 1024

export class PrefixFiles {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #onError: (what: string) => void

  /** `maxBytes`: of all files of this identity; least recently used ones are deleted first. */
  constructor(folder: string, maxBytes: number, onError: (what: string) => void) {
    this.#folder = folder
    this.#maxBytes = maxBytes
    this.#onError = onError
  }

  static async open(
    folder: string,
    identity: PrefixIdentity,
    maxBytes: number,
    onError: (what: string) => void,
  ): Promise<PrefixFiles> {
    const hash = createHash('sha256').update(JSON.stringify(identity.settings))
    for (const path of identity.modelPaths) await sample(path, hash)
    return new PrefixFiles(join(folder, hash.digest('hex').slice(0, 16)), maxBytes, onError)
  }

  /** Files within the budget, most recently used first. Invalid and incomplete files are deleted. */
  async load(): Promise<KeptPrefix[]> {
    const kept: KeptPrefix[] = []
    let left = this.#maxBytes
    await this.#removeUnfinished()
    for (const { path, bytes } of await this.#files('.kv')) {
      if (bytes > left) continue
      const prefix = await this.#read(path)
      if (prefix === undefined) continue
      left -= bytes
      kept.push(prefix)
    }
    return kept
  }

  async #read(path: string): Promise<KeptPrefix | undefined> {
    try {
      const prefix = decode(await readFile(path))
      if (prefix !== undefined) return prefix
      this.#onError(`${path} is damaged: removed`)
      await rm(path, { force: true })
    } catch (thrown) {
      this.#onError(`${path} could not be read: ${messageOf(thrown)}`)
    }
    return undefined
  }

  /** Atomic, even if the machine stops. Errors are reported and otherwise ignored. */
  async save(prefix: KeptPrefix): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const name = createHash('sha256').update(tokenBytes(prefix.tokens)).digest('hex').slice(0, 24)
      const path = join(this.#folder, `${name}.kv`)
      if (await exists(path)) {
        await utimes(path, new Date(), new Date())
        return
      }
      const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
      try {
        await writeFile(temporary, encode(prefix), { mode: 0o600, flush: true })
        await rename(temporary, path)
      } finally {
        await rm(temporary, { force: true })
      }
      await this.#prune()
    } catch (thrown) {
      this.#onError(`cannot save a prefix in ${this.#folder}: ${messageOf(thrown)}`)
    }
  }

  /** Current disk usage. */
  async usage(): Promise<{
    readonly usedBytes: number
    readonly budgetBytes: number
    readonly files: number
  }> {
    const files = await this.#files('.kv')
    const usedBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
    return { usedBytes, budgetBytes: this.#maxBytes, files: files.length }
  }

  async #prune(): Promise<void> {
    let left = this.#maxBytes
    for (const { path, bytes } of await this.#files('.kv')) {
      left -= bytes
      if (left < 0) await rm(path, { force: true })
    }
  }

  /** Deletes what interrupted processes left unfinished. */
  async #removeUnfinished(): Promise<void> {
    for (const { path, mtimeMs } of await this.#files('.tmp'))
      if (Date.now() - mtimeMs > longestWriteMillis) await rm(path, { force: true }).catch(() => {})
  }

  /** Most recently used first. Skips files that other users of the folder have removed meanwhile. */
  async #files(ending: string): Promise<KeptFile[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const files = await Promise.all(
      names
        .filter((name) => name.endsWith(ending))
        .map(async (name): Promise<KeptFile[]> => {
          const path = join(this.#folder, name)
          const found = await stat(path).catch(() => undefined)
          return found?.isFile() ? [{ path, bytes: found.size, mtimeMs: found.mtimeMs }] : []
        }),
    )
    return files.flat().sort((a, b) => b.mtimeMs - a.mtimeMs)
  }
}

function encode({ tokens, bytes }: KeptPrefix): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32LE(tokens.length)
  const body = Buffer.concat([magic, count, tokenBytes(tokens), bytes])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}

function decode(file: Buffer): KeptPrefix | undefined {
  const start = magic.length + 4
  if (file.length < start + digestBytes || !file.subarray(0, magic.length).equals(magic)) return undefined
  const body = file.subarray(0, file.length - digestBytes)
  const digest = createHash('sha256').update(body).digest()
  if (!digest.equals(file.subarray(file.length - digestBytes))) return undefined
  const count = file.readUInt32LE(magic.length)
  if (start + count * 4 > body.length) return undefined
  const tokens = Array.from({ length: count }, (_, at) => body.readInt32LE(start + at * 4))
  return { tokens, bytes: body.subarray(start + count * 4) }
}

const tokenBytes = (tokens: readonly number[]): Buffer => Buffer.from(Int32Array.from(tokens).buffer)

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function sample(path: string, hash: ReturnType<typeof createHash>): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const part = Buffer.alloc(Math.min(size, sampledBytes))
    for (const at of [0, size - part.length]) {
      await file.read(part, 0, part.length, at)
      hash.update(part)
    }
    hash.update(String(size))
  } finally {
    await file.close()
  }
}
