/**
 * TensorBoard events: `tensorflow.Event` in protocol buffers, each in a TFRecord. Only the types a run needs: file version,
 * scalars, and session start. Pure.
 */

import { maskedCrc32c } from './crc32c.ts'

export interface BoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step: number
  readonly scalars?: Readonly<Record<string, number>>
  /** The run starts or resumes here: earlier files' entries for this step and later ones are superseded. */
  readonly isStart?: boolean
  /** The first event of a file. */
  readonly isHeader?: boolean
}

const version = 'brain.Event:2'

/** Field numbers of `tensorflow/core/util/event.proto` and `summary.proto`. */
export function eventRecord({ wallTime, step, scalars, isStart, isHeader }: BoardEvent): Uint8Array {
  return record(
    concat([
      double(1, wallTime),
      varint(2, step),
      ...(isHeader === true ? [text(3, version)] : []),
      ...(scalars === undefined ? [] : [nested(5, summary(scalars))]),
      // SessionLog, status 1 is START.
      ...(isStart === true ? [nested(7, varint(1, 1))] : []),
    ]),
  )
}

const summary = (scalars: Readonly<Record<string, number>>): Uint8Array =>
  concat(Object.entries(scalars).map(([tag, value]) => nested(1, concat([text(1, tag), float(2, value)]))))

/** Length, its checksum, the data, its checksum; little-endian. */
function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.length)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true)
  bytes.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc32c(data), true)
  return bytes
}

const [varintType, wide, delimited, narrow] = [0, 1, 2, 5]
const key = (field: number, type: number): number[] => unsigned((field << 3) | type)

function unsigned(value: number): number[] {
  const bytes: number[] = []
  let left = value
  while (left >= 0x80) {
    bytes.push((left % 0x80) | 0x80)
    left = Math.floor(left / 0x80)
  }
  return [...bytes, left]
}

const varint = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...key(field, varintType!), ...unsigned(value)])

function double(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return concat([Uint8Array.from(key(field, wide!)), bytes])
}

function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return concat([Uint8Array.from(key(field, narrow!)), bytes])
}

const nested = (field: number, data: Uint8Array): Uint8Array =>
  concat([Uint8Array.from([...key(field, delimited!), ...unsigned(data.length)]), data])

const text = (field: number, value: string): Uint8Array => nested(field, new TextEncoder().encode(value))

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
