/** Digests of arrays of any size. */

/** Subset of `createHash`'s result. */
export interface ByteHash {
  update(bytes: Uint8Array): unknown
}

/** A hash takes less than 2 GiB at a time. */
const pieceBytes = 2 ** 30

export function hashBytes(
  hash: ByteHash,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  most: number = pieceBytes,
): void {
  for (let at = 0; at < byteLength; at += most)
    hash.update(new Uint8Array(buffer, byteOffset + at, Math.min(most, byteLength - at)))
}
