/** One connection of a download: requests the missing part, validates the response, appends the body. */

import { basename, dirname } from 'node:path'
import { type Clock, type HadalError, messageOf } from '@hadal/base'
import { checkRoom, freeBytes } from './disk-room.ts'
import { checksumMismatch, diskFull, downloadFailed, downloadSizeMismatch, modelNotGguf } from './errors.ts'
import { isChecked } from './file-digests.ts'
import { followRedirects } from './follow-redirects.ts'
import { describeStart, isGguf } from './gguf-magic.ts'
import type { OnModelProgress } from './model-progress.ts'
import type { PartFile } from './part-file.ts'
import { retryAfterMillis } from './retry-after.ts'
import { whyFetchFailed } from './why-fetch-failed.ts'

export interface Download {
  readonly url: string
  /** Destination path. */
  readonly target: string
  /** Sent to the URL's own host only. */
  readonly token?: string | undefined
  readonly expectedBytes?: number | undefined
  /** Expected SHA-256, */
  readonly sha256?: string | undefined
  /** or git blob id: SHA-1 over its length and content. */
  readonly gitBlob?: string | undefined
  /** Fails before the rest is fetched if it does not start like a GGUF file. */
  readonly mustBeGguf: boolean
  /** The error for a 4xx status. */
  readonly refusal: (status: number) => HadalError
  readonly fileNumber: number
  readonly fileCount: number
}

export interface DownloadContext {
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly onProgress: OnModelProgress
  readonly signal?: AbortSignal | undefined
  /** A connection that sends nothing for this long is aborted. */
  readonly stallMillis: number
  /** Complete files are read again, and downloaded again if they differ. */
  readonly verify: boolean
}

/** Worth a retry. */
export class BrokenConnection extends Error {
  readonly retryAfterMillis: number | undefined

  constructor(message: string, retryAfterMillis?: number) {
    super(message)
    this.retryAfterMillis = retryAfterMillis
  }
}

const progressEveryMillis = 200

/**
 * Returns the size of the whole file if the server announced it; then all of it arrived. Throws `BrokenConnection` if a retry
 * may help, otherwise a coded error. Received data stays in `part`.
 */
export async function transfer(
  file: Download,
  part: PartFile,
  context: DownloadContext,
): Promise<number | undefined> {
  const stall = new Stall(context.stallMillis)
  const signal = context.signal === undefined ? stall.signal : AbortSignal.any([context.signal, stall.signal])
  try {
    const headers = requestHeaders(file, part)
    const response = await followRedirects(context.fetch, {
      url: file.url,
      headers,
      signal,
      isChecked: isChecked(file),
      refuse: ({ headers }) => replacedMeanwhile(file, headers),
    })
    stall.moved()
    const total = await accept(response, file, part)
    if (total !== undefined) await checkRoom(dirname(file.target), total - part.bytes)
    await pour(response, file, part, total, context, stall)
    return total
  } catch (error) {
    if (stall.signal.aborted)
      throw new BrokenConnection(`nothing arrived for ${context.stallMillis / 1000} s`)
    if (error instanceof TypeError) throw new BrokenConnection(whyFetchFailed(error))
    throw error
  } finally {
    stall.stop()
  }
}

function requestHeaders(file: Download, part: PartFile): Record<string, string> {
  return {
    'accept-encoding': 'identity',
    ...(file.token !== undefined && { authorization: `Bearer ${file.token}` }),
    ...(part.bytes > 0 && { range: `bytes=${part.bytes}-` }),
    // With a checksum a wrong continuation would be detected; mirrors differ in their etags.
    ...(part.bytes > 0 && !isChecked(file) && part.etag !== undefined && { 'if-range': part.etag }),
  }
}

/** The hub sends the hash with the redirect: a version other than the listed one is rejected before the transfer. */
function replacedMeanwhile({ sha256, target }: Download, headers: Headers): Error | undefined {
  const offered = /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1]
  return offered === undefined || sha256 === undefined || offered === sha256
    ? undefined
    : checksumMismatch(basename(target), 'SHA-256', sha256, offered)
}

/** Positions `part` for the body, and returns the size of the whole file if the server states it. */
async function accept(response: Response, file: Download, part: PartFile): Promise<number | undefined> {
  const { status, headers } = response
  const isPlain = headers.has('content-length') && !headers.has('content-encoding')
  let total = isPlain ? Number(headers.get('content-length')) : undefined
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
    if (range === null || Number(range[1]) !== part.bytes) {
      await response.body?.cancel()
      await part.restart()
      throw new BrokenConnection('the server sent another part of the file than was asked for')
    }
    total = range[2] === '*' ? undefined : Number(range[2])
  } else if (status === 200) {
    await part.restart()
  } else {
    await response.body?.cancel()
    if (status === 416) {
      await part.restart()
      throw new BrokenConnection('the server has no more than what was received, or another version')
    }
    if (status === 429 || status >= 500)
      throw new BrokenConnection(`status ${status}`, retryAfterMillis(headers))
    throw file.refusal(status)
  }
  const { expectedBytes } = file
  if (expectedBytes !== undefined && total !== undefined && total !== expectedBytes) {
    await response.body?.cancel()
    throw downloadSizeMismatch(file.url, expectedBytes, total)
  }
  const etag = headers.get('etag')
  await part.setEtag(etag === null || etag.startsWith('W/') ? undefined : etag)
  return total ?? expectedBytes
}

async function pour(
  response: Response,
  file: Download,
  part: PartFile,
  total: number | undefined,
  { clock, onProgress }: DownloadContext,
  stall: Stall,
): Promise<void> {
  const name = basename(file.target)
  const [startedAt, startBytes] = [clock.now(), part.bytes]
  const { fileNumber, fileCount } = file
  onProgress({
    type: 'started',
    file: name,
    fileNumber,
    fileCount,
    totalBytes: total,
    resumedBytes: startBytes,
  })
  let reportedAt = Number.NEGATIVE_INFINITY
  const notify = (): void => {
    reportedAt = clock.now()
    const bytesPerSecond = ((part.bytes - startBytes) * 1000) / Math.max(1, reportedAt - startedAt)
    onProgress({ type: 'received', file: name, receivedBytes: part.bytes, totalBytes: total, bytesPerSecond })
  }
  let start: Uint8Array = new Uint8Array()
  for await (const chunk of response.body ?? []) {
    stall.moved()
    if (file.mustBeGguf && startBytes === 0 && start.length < 4) {
      start = Buffer.concat([start, chunk.subarray(0, 4 - start.length)])
      if (start.length === 4 && !isGguf(start)) throw modelNotGguf(file.url, describeStart(start))
    }
    if (total !== undefined && part.bytes + chunk.length > total)
      throw downloadSizeMismatch(file.url, total, part.bytes + chunk.length)
    await part.append(chunk).catch((cause: unknown) => explainWriteError(file, cause))
    if (clock.now() - reportedAt >= progressEveryMillis) notify()
  }
  notify()
  if (total !== undefined && part.bytes < total)
    throw new BrokenConnection(`the connection ended after ${part.bytes} of ${total} bytes`)
  if (file.mustBeGguf && part.bytes < 4) throw modelNotGguf(file.url, describeStart(start))
}

async function explainWriteError(file: Download, cause: unknown): Promise<never> {
  const folder = dirname(file.target)
  if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC')
    throw downloadFailed(file.url, messageOf(cause), 0).with({ cause })
  throw diskFull(folder, undefined, await freeBytes(folder)).with({ cause })
}

/** Aborts if no data arrives for a while. */
class Stall {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(millis: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), millis)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  moved(): void {
    this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
