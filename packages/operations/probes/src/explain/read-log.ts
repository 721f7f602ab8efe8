/** One file, pipe or standard input as a text: bounded, unpacked, decoded. */

import { constants, openSync, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { createGunzip, constants as zlib } from 'node:zlib'
import { messageOf } from '@hadal/base'
import { decodeText, type ExplainInput } from '@hadal/doctor'
import { explainTerminal, explainUnreadable } from './errors.ts'
import { fromNextLine, type KeptEnd, keepEnd } from './keep-end.ts'

export type LogStream = AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean }

export interface ReadLogOptions {
  /** Bytes read; of a longer log, the end. */
  readonly maxBytes: number
  /** How long a pipe may say nothing before its first byte. Standard input has no such limit. */
  readonly silenceMillis?: number
}

/** A file that unpacks to more is made to do harm. */
const maxUnpacked = 8 * 1024 ** 3

/** `path` is opened, `name` is what people know it by. Throws `explain_unreadable`. */
export async function readLogFile(
  path: string,
  name: string,
  options: ReadLogOptions,
): Promise<ExplainInput> {
  try {
    const found = await stat(path)
    const end = found.isFile()
      ? await readFileEnd(path, found, options)
      : await readPipe(path, found, options)
    return { ...inputOf(name, end), ...(found.isFile() && { takenAt: found.mtimeMs }) }
  } catch (cause) {
    throw explainUnreadable(name, messageOf(cause)).with({ cause })
  }
}

/** Until it ends. Throws `explain_terminal` or `explain_unreadable`. */
export async function readStandardInput(
  input: LogStream,
  now: number,
  { maxBytes }: ReadLogOptions,
): Promise<ExplainInput> {
  if (input.isTTY === true) throw explainTerminal()
  try {
    return { ...inputOf('stdin', await endOf(input, maxBytes)), takenAt: now }
  } catch (cause) {
    throw explainUnreadable('standard input', messageOf(cause)).with({ cause })
  }
}

const inputOf = (name: string, { bytes, isCut }: KeptEnd): ExplainInput => ({
  name,
  text: decodeText(bytes),
  ...(isCut && { isCut }),
})

async function readFileEnd(path: string, found: Stats, { maxBytes }: ReadLogOptions): Promise<KeptEnd> {
  await using file = await open(path, 'r')
  const head = await readAt(file, 0, 4)
  // Files of /proc say that they are empty.
  if (found.size <= maxBytes || isGzip(head)) return await endOf(piecesOf(file), maxBytes)
  refusePacked(head)
  // A character of UTF-16 begins at an even place.
  const from = found.size - maxBytes - ((found.size - maxBytes) % 2)
  return { bytes: fromNextLine(await readAt(file, from, maxBytes + 1)), isCut: true }
}

const pieceBytes = 1024 * 1024

async function* piecesOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const piece = await readAt(file, at, pieceBytes)
    if (piece.length > 0) yield piece
    if (piece.length < pieceBytes) return
    at += piece.length
  }
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** Opened without waiting for a writer: `<(dmesg)` of a shell has one, an abandoned FIFO has not. */
async function readPipe(
  path: string,
  found: Stats,
  { maxBytes, silenceMillis = 10_000 }: ReadLogOptions,
): Promise<KeptEnd> {
  if (!found.isFIFO()) throw new Error('it is neither a file nor a pipe')
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const pipe = new Socket({ fd, readable: true, writable: false })
  const silence = setTimeout(
    () => pipe.destroy(new Error(`it produced no output within ${silenceMillis / 1000} s`)),
    silenceMillis,
  )
  pipe.once('readable', () => clearTimeout(silence))
  try {
    return await endOf(pipe, maxBytes)
  } finally {
    clearTimeout(silence)
    pipe.destroy()
  }
}

/** Decompresses gzip; truncated input yields what it contains. */
async function endOf(pieces: AsyncIterable<Uint8Array | string>, maxBytes: number): Promise<KeptEnd> {
  const all = pieces[Symbol.asyncIterator]()
  const first = await all.next()
  if (first.done === true) return { bytes: new Uint8Array(), isCut: false }
  const head = Buffer.from(first.value as Uint8Array)
  refusePacked(head)
  const whole = rejoined(first.value, all)
  if (!isGzip(head)) return keepEnd(whole, maxBytes)
  const gunzip = createGunzip({ finishFlush: zlib.Z_SYNC_FLUSH })
  const packed = Readable.from(whole, { objectMode: false })
  packed.on('error', (cause) => gunzip.destroy(cause))
  return keepEnd(bounded(packed.pipe(gunzip)), maxBytes)
}

async function* rejoined<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function* bounded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const piece of pieces) {
    length += piece.length
    if (length > maxUnpacked) throw new Error('it unpacks to more than 8 GiB')
    yield piece
  }
}

const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

const packings: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
]

function refusePacked(head: Uint8Array): void {
  const found = packings.find(([, magic]) => magic.every((byte, index) => head[index] === byte))
  if (found !== undefined) throw new Error(`it is compressed with ${found[0]}`)
}
