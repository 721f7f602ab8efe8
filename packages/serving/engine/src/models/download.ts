/**
 * Downloads one file: into `<target>.part`, resuming an earlier attempt, hashed during the transfer, verified, and only then
 * renamed.
 */

import { basename, dirname } from 'node:path'
import { HadalError, messageOf } from '@hadal/base'
import { openGguf } from '@hadal/formats'
import {
  cacheNotWritable,
  checksumMismatch,
  downloadFailed,
  downloadIncomplete,
  downloadSizeMismatch,
} from './errors.ts'
import { gitBlobOf, isChecked } from './file-digests.ts'
import { PartFile } from './part-file.ts'
import { BrokenConnection, type Download, type DownloadContext, transfer } from './transfer.ts'

export interface Downloaded {
  readonly bytes: number
  readonly sha256: string
}

/** Consecutive attempts without progress. */
const maxAttempts = 5
/** Minimum progress: otherwise a trickle of bytes would keep a hopeless download going for days. */
const furtherBytes = 64 * 1024

/** Throws `download_*`, `checksum_mismatch`, `disk_full`, `hub_*`, `model_not_gguf`, or the signal's reason. */
export async function download(file: Download, context: DownloadContext): Promise<Downloaded> {
  const part = await openPart(file)
  try {
    try {
      await receive(file, part, context)
    } catch (error) {
      // Corrupted by an earlier run or in transfer, or just replaced: start over, once.
      if (!(error instanceof HadalError) || !otherFile.includes(error.code)) throw error
      retrying(file, context, error.message, 0)
      await part.restart()
      await receive(file, part, context)
    }
    await part.finish(file.target)
  } finally {
    await part.close()
  }
  const [bytes, sha256] = [part.bytes, part.sha256()]
  context.onProgress({ type: 'finished', file: basename(file.target), sha256, checked: isChecked(file) })
  return { bytes, sha256 }
}

const otherFile: readonly string[] = [checksumMismatch.spec.code, downloadSizeMismatch.spec.code]

async function openPart(file: Download): Promise<PartFile> {
  try {
    const canResume = (etag: string | undefined): boolean => isChecked(file) || etag !== undefined
    return await PartFile.open(`${file.target}.part`, canResume)
  } catch (cause) {
    throw cacheNotWritable(dirname(file.target), messageOf(cause)).with({ cause })
  }
}

/** Receives the whole file into `part`, over as many connections as needed, and verifies it. */
async function receive(file: Download, part: PartFile, context: DownloadContext): Promise<void> {
  let furthest = part.bytes
  for (let attempt = 1; part.bytes !== file.expectedBytes; attempt += 1) {
    try {
      const announcedBytes = await transfer(file, part, context)
      if (announcedBytes === undefined && !isChecked(file)) checkWhole(file, part)
      break
    } catch (error) {
      context.signal?.throwIfAborted()
      if (!(error instanceof BrokenConnection)) throw error
      if (part.bytes >= furthest + furtherBytes) [furthest, attempt] = [part.bytes, 1]
      if (attempt >= maxAttempts)
        throw downloadFailed(file.url, error.message, part.bytes).with({ cause: error })
      const waitMillis = error.retryAfterMillis ?? 500 * 2 ** attempt
      retrying(file, context, error.message, waitMillis)
      await context.clock.sleep(waitMillis, context.signal)
    }
  }
  const [algorithm, wanted, found] =
    file.sha256 === undefined && file.gitBlob !== undefined
      ? (['git SHA-1', file.gitBlob, await gitBlobOf(part.path)] as const)
      : (['SHA-256', file.sha256, part.sha256()] as const)
  if (wanted === undefined || wanted === found) return
  await part.restart()
  throw checksumMismatch(basename(file.target), algorithm, wanted, found)
}

/** A connection without a length looks complete even if it was cut: the tensors reveal it. */
function checkWhole(file: Download, part: PartFile): void {
  try {
    openGguf(part.path).close()
  } catch (cause) {
    throw downloadIncomplete(file.url, messageOf(cause), part.bytes).with({ cause })
  }
}

function retrying(file: Download, context: DownloadContext, reason: string, waitMillis: number): void {
  context.onProgress({ type: 'retrying', file: basename(file.target), reason, waitMillis })
}
