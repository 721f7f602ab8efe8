/** Content digests of a file: its SHA-256 and its git blob id. */

import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** The expected digests, as far as known; hexadecimal. */
export interface Digests {
  readonly sha256?: string | undefined
  readonly gitBlob?: string | undefined
}

export const isChecked = ({ sha256, gitBlob }: Digests): boolean =>
  sha256 !== undefined || gitBlob !== undefined

/** Hexadecimal. Throws the signal's reason. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  return digest(path, createHash('sha256'), signal)
}

/** As computed by `git hash-object`: SHA-1 over `blob <bytes>`, a zero byte and the content. */
export async function gitBlobOf(path: string): Promise<string> {
  const { size } = await stat(path)
  return digest(path, createHash('sha1').update(`blob ${size}\0`))
}

async function digest(path: string, hash: Hash, signal?: AbortSignal): Promise<string> {
  for await (const chunk of createReadStream(path)) {
    signal?.throwIfAborted()
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
