/**
 * Parses and checks a safetensors header: JSON that names each tensor's dtype, shape and byte range. Strict as the format asks:
 * ranges fill the data without holes or overlaps.
 */

import { isPlainObject, messageOf } from '@hadal/base'
import { byteCount, type PlainType, show, valueCount } from '../element-types.ts'
import { safetensorsInvalid } from '../errors.ts'

const dtypes: readonly PlainType[] = [
  'F64',
  'F32',
  'F16',
  'BF16',
  'F8_E4M3',
  'F8_E5M2',
  'F8_E8M0',
  'I64',
  'I32',
  'I16',
  'I8',
  'U64',
  'U32',
  'U16',
  'U8',
  'BOOL',
]

export interface HeaderEntry {
  readonly name: string
  readonly type: PlainType
  readonly shape: readonly number[]
  /** From the start of the data, not of the file. */
  readonly begin: number
  readonly byteLength: number
}

export interface Header {
  readonly metadata: ReadonlyMap<string, string>
  readonly entries: readonly HeaderEntry[]
}

/** `dataLength` is the file's size less the header. */
export function parseHeader(path: string, bytes: Uint8Array, dataLength: number): Header {
  const json = parseObject(path, bytes)
  const metadata = new Map<string, string>()
  const entries: HeaderEntry[] = []
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(asObject(path, name, value))) {
        if (typeof text !== 'string') throw safetensorsInvalid(path, name, `${key} is not a string`)
        metadata.set(key, text)
      }
    } else {
      entries.push(parseEntry(path, name, asObject(path, describe(name), value)))
    }
  }
  checkRanges(path, entries, dataLength)
  return { metadata, entries }
}

function parseObject(path: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw safetensorsInvalid(path, 'byte 8', 'the header does not start with {')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw safetensorsInvalid(path, 'header', `it is not JSON in UTF-8 (${messageOf(cause)})`).with({ cause })
  }
}

function parseEntry(path: string, name: string, entry: Record<string, unknown>): HeaderEntry {
  const fail = (reason: string): Error => safetensorsInvalid(path, describe(name), reason)
  const type = dtypes.find((known) => known === entry.dtype)
  if (type === undefined)
    throw fail(`the dtype ${JSON.stringify(entry.dtype)} is not one of ${dtypes.join(', ')}`)
  const shape = entry.shape
  if (!isNumberList(shape) || valueCount(shape) === undefined) {
    throw fail(`the shape ${JSON.stringify(shape)} is not a list of sizes with a product below 2^53`)
  }
  const offsets = entry.data_offsets
  if (
    !isNumberList(offsets) ||
    offsets.length !== 2 ||
    !offsets.every((at) => Number.isSafeInteger(at) && at >= 0)
  ) {
    throw fail(`data_offsets ${JSON.stringify(offsets)} is not a pair of offsets`)
  }
  const [begin, end] = offsets as [number, number]
  const expected = byteCount(type, shape)
  if (end - begin !== expected) {
    throw fail(
      `bytes ${begin} to ${end} are not the ${expected ?? 'countless'} bytes of ${type} ${show(shape)}`,
    )
  }
  return { name, type, shape, begin, byteLength: expected }
}

function checkRanges(path: string, entries: readonly HeaderEntry[], dataLength: number): void {
  let end = 0
  let last = 'the start of the data'
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.byteLength - b.byteLength)) {
    if (entry.begin !== end) {
      const issue = entry.begin < end ? 'overlaps' : 'leaves a hole after'
      throw safetensorsInvalid(
        path,
        describe(entry.name),
        `byte ${entry.begin} ${issue} ${last}, which ends at ${end}`,
      )
    }
    end = entry.begin + entry.byteLength
    last = describe(entry.name)
    if (end > dataLength) {
      throw safetensorsInvalid(
        path,
        last,
        `it ends at byte ${end}, but the file holds only ${dataLength} bytes of data`,
      )
    }
  }
  if (end !== dataLength) {
    throw safetensorsInvalid(path, 'data', `${dataLength - end} bytes after ${last} belong to no tensor`)
  }
}

const describe = (name: string): string => `tensor ${JSON.stringify(name)}`

function asObject(path: string, where: string, value: unknown): Record<string, unknown> {
  if (isPlainObject(value)) return value as Record<string, unknown>
  throw safetensorsInvalid(path, where, 'it is not an object')
}

function isNumberList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}
