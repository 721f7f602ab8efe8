/** Whole characters out of bytes that arrive cut anywhere, as tokens of byte-level vocabularies do. */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const nothing = new Uint8Array(0)

export class Utf8Assembler {
  #tail: Uint8Array = nothing

  /** Bytes that begin a character still to be finished. */
  get pending(): number {
    return this.#tail.length
  }

  /** The characters that are whole by now; U+FFFD for bytes that can be part of none. */
  push(bytes: Uint8Array): string {
    const all = this.#tail.length === 0 ? bytes : Buffer.concat([this.#tail, bytes])
    const whole = all.length - unfinishedBytes(all)
    this.#tail = whole === all.length ? nothing : all.slice(whole)
    return whole === 0 ? '' : decoder.decode(all.subarray(0, whole))
  }

  /** No more bytes come. */
  end(): string {
    const text = decoder.decode(this.#tail)
    this.#tail = nothing
    return text
  }
}

/** How many bytes at the end begin a character and are not all of it. */
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
