/** Keeps the end of a stream, so that a log of any length takes bounded memory. */

export interface KeptEnd {
  readonly bytes: Uint8Array
  readonly isCut: boolean
}

/** Drops the partial first line of cut input. */
export async function keepEnd(
  pieces: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): Promise<KeptEnd> {
  const kept: Buffer[] = []
  let length = 0
  let isCut = false
  for await (const piece of pieces) {
    const bytes =
      typeof piece === 'string'
        ? Buffer.from(piece)
        : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    kept.push(bytes)
    length += bytes.length
    while (kept.length > 1 && length - kept[0]!.length >= maxBytes) {
      length -= kept.shift()!.length
      isCut = true
    }
  }
  const all = Buffer.concat(kept)
  return isCut || all.length > maxBytes
    ? { bytes: fromNextLine(all.subarray(-maxBytes)), isCut: true }
    : { bytes: all, isCut: false }
}

/** All bytes if there is no line end. */
export function fromNextLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0x0a)
  return end === -1 ? bytes : bytes.subarray(end + 1)
}
