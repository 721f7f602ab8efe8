/** Assembles whole characters from bytes split anywhere, as with tokens of byte-level vocabularies. */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const nothing = new Uint8Array(0)

export class Utf8Assembler {
  #tail: Uint8Array = nothing

  /** Bytes of an incomplete character. */
  get pending(): number {
    return this.#tail.length
  }

  /** The characters completed so far; U+FFFD for invalid bytes. */
  push(bytes: Uint8Array): string {
    const all = this.#tail.length === 0 ? bytes : Buffer.concat([this.#tail, bytes])
    const whole = all.length - unfinishedBytes(all)
    this.#tail = whole === all.length ? nothing : all.slice(whole)
    return whole === 0 ? '' : decoder.decode(all.subarray(0, whole))
  }

  /** No more bytes. */
  end(): string {
    const text = decoder.decode(this.#tail)
    this.#tail = nothing
    return text
  }
}

/** Number of bytes at the end that form an incomplete character. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return back < length ? back : 0
  }
  return 0
}
