/** Writes the wire format of protocol buffers, numbers of lists one by one unless they are packed. */

export class WireWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0
  /** Short pieces are gathered here. */
  #room = new Uint8Array(1024)
  #used = 0

  get length(): number {
    return this.#length + this.#used
  }

  int(field: number, value: number | bigint): this {
    this.#tag(field, 0)
    this.#varint(BigInt.asUintN(64, BigInt(value)))
    return this
  }

  float(field: number, value: number): this {
    this.#tag(field, 5)
    this.#reserve(4)
    new DataView(this.#room.buffer).setFloat32(this.#used, value, true)
    this.#used += 4
    return this
  }

  /** Not copied: it must not change until `finish`. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2)
    this.#varint(BigInt(value.length))
    this.#put(value)
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value))
  }

  /** Writes nothing if undefined. */
  optional(field: number, value: string | undefined): this {
    return value === undefined ? this : this.text(field, value)
  }

  message(field: number, write: (inner: WireWriter) => void): this {
    const inner = new WireWriter()
    write(inner)
    this.#tag(field, 2)
    this.#varint(BigInt(inner.length))
    inner.#flush()
    for (const part of inner.#parts) this.#put(part)
    return this
  }

  finish(): Uint8Array {
    this.#flush()
    const whole = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  #tag(field: number, wire: number): void {
    this.#varint(BigInt(field * 8 + wire))
  }

  #varint(value: bigint): void {
    this.#reserve(10)
    let left = value
    while (left >= 0x80n) {
      this.#room[this.#used] = Number(left & 0x7fn) | 0x80
      this.#used += 1
      left >>= 7n
    }
    this.#room[this.#used] = Number(left)
    this.#used += 1
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length <= this.#room.length - this.#used) {
      this.#room.set(bytes, this.#used)
      this.#used += bytes.length
      return
    }
    this.#flush()
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  #reserve(count: number): void {
    if (this.#used + count > this.#room.length) this.#flush()
  }

  #flush(): void {
    if (this.#used === 0) return
    this.#parts.push(this.#room.subarray(0, this.#used))
    this.#length += this.#used
    this.#room = new Uint8Array(1024)
    this.#used = 0
  }
}

const utf8 = new TextEncoder()
