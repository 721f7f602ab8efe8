/**
 * Fetches the files of one model into its folder: keeps complete ones, downloads the rest, several at a time, and fails early
 * if they do not fit on the disk.
 */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkRoom } from './disk-room.ts'
import { download } from './download.ts'
import { gitBlobOf, isChecked, sha256Of } from './file-digests.ts'
import type { CachedFile } from './model-cache.ts'
import type { Download, DownloadContext } from './transfer.ts'

export interface RemoteFile extends Omit<Download, 'target' | 'fileNumber' | 'fileCount'> {
  /** Within the folder. */
  readonly name: string
}

/** More connections to one hub bring little, and are rejected sooner. */
const maxAtOnce = 3

/**
 * In the order of `files`. Throws the `download` error of the first failure; the other downloads stop and keep what they have.
 */
export async function fetchFiles(
  folder: string,
  files: readonly RemoteFile[],
  context: DownloadContext,
): Promise<CachedFile[]> {
  const present = await severalAtOnce(files, context.signal, (file, signal) =>
    findComplete(join(folder, file.name), file, { ...context, signal }),
  )
  const missing = [...files.keys()].filter((index) => present[index] === undefined)
  if (missing.length > 0 && files.length > 1)
    context.onProgress({
      type: 'planned',
      folder,
      fileCount: files.length,
      totalBytes: files.reduce((sum, { expectedBytes = 0 }) => sum + expectedBytes, 0),
      presentBytes: present.reduce((sum, file) => sum + (file?.bytes ?? 0), 0),
    })
  const needed = missing.map(async (index) => {
    const { name, expectedBytes = 0 } = files[index]!
    return Math.max(0, expectedBytes - ((await sizeOf(`${join(folder, name)}.part`)) ?? 0))
  })
  await checkRoom(
    folder,
    (await Promise.all(needed)).reduce((sum, bytes) => sum + bytes, 0),
  )

  const done = await severalAtOnce(missing, context.signal, async (index, signal) => {
    const { name, ...file } = files[index]!
    const target = join(folder, name)
    const order = { fileNumber: index + 1, fileCount: files.length }
    return { path: target, ...(await download({ ...file, ...order, target }, { ...context, signal })) }
  })
  const downloaded = new Map(missing.map((index, at) => [index, done[at]!] as const))
  return files.map((_, index) => present[index] ?? downloaded.get(index)!)
}

/**
 * Undefined if absent. The folder is named after the contents, so a file with its final name and size was complete and
 * verified: large files are read again only on request.
 */
async function findComplete(
  path: string,
  file: RemoteFile,
  { verify, onProgress, signal }: DownloadContext,
): Promise<CachedFile | undefined> {
  const { expectedBytes: bytes, gitBlob } = file
  if (!isChecked(file) || bytes === undefined || (await sizeOf(path)) !== bytes) return undefined
  if (file.sha256 !== undefined && !verify) return { path, bytes, sha256: file.sha256 }
  if (verify) onProgress({ type: 'verifying', file: file.name, totalBytes: bytes })
  const sha256 = await sha256Of(path, signal)
  const isSame = file.sha256 === undefined ? (await gitBlobOf(path)) === gitBlob : file.sha256 === sha256
  return isSame ? { path, bytes, sha256 } : undefined
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}

/** Results in order. The first failure stops the others, and is thrown when they have ended. */
async function severalAtOnce<T, R>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController()
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const left = items.entries()
  const results: R[] = []
  const worker = async (): Promise<void> => {
    try {
      // The iterator is shared between the workers.
      for (const [index, item] of left) {
        either.throwIfAborted()
        results[index] = await work(item, either)
      }
    } catch (error) {
      failed.abort(error)
    }
  }
  await Promise.all(Array.from({ length: maxAtOnce }, worker))
  failed.signal.throwIfAborted()
  return results
}
