/**
 * Validates the claims of a Parquet page against its bytes before decoding: hyparquet trusts the counts in a page, and a single
 * damaged one would exhaust the memory. Throws plain errors that describe the problem; the caller adds the file.
 */

import { crc32 } from 'node:zlib'
import type { DataReader, PageHeader, SchemaTree } from 'hyparquet'
import type { readPage } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'

/** Decoding parameters of a column: position in the schema, type and compression. */
export type ColumnDecoder = Parameters<typeof readPage>[2]

/** Values and bytes of one column in one row group. */
export const maxValues: number = 2 ** 25
export const maxBytes: number = 2 ** 30
/** Packed runs may be filled up beyond the last value. */
const maxFilling = 512

/** Returns the page's bytes like `decompressPage`. `values` is the number of the column's values still to come. */
export function checkedPage(
  body: Uint8Array,
  header: PageHeader,
  decoder: ColumnDecoder,
  values: number,
): Uint8Array {
  if (header.crc !== undefined && crc32(body) !== header.crc >>> 0) throw new Error('its checksum is another')
  within('the size of a page', header.uncompressed_page_size, maxBytes)
  if (header.type === 'DATA_PAGE_V2') return checkedV2(body, header, decoder, values)
  const size = header.uncompressed_page_size
  const page = decompressPage(body, size, decoder.codec, decoder.compressors)
  if (header.type === 'DICTIONARY_PAGE') {
    within('the number of values', header.dictionary_page_header?.num_values, maxValues)
    return page
  }
  const { num_values: count, encoding } = header.data_page_header ?? {}
  within('the number of values', count, values)
  const reader = readerOf(page)
  skipLevels(reader, getMaxRepetitionLevel(decoder.schemaPath), count!)
  const nulls = skipLevels(reader, getMaxDefinitionLevel(decoder.schemaPath), count!)
  checkValues(reader, encoding, decoder, count! - nulls)
  return page
}

function checkedV2(body: Uint8Array, header: PageHeader, decoder: ColumnDecoder, values: number): Uint8Array {
  const page = header.data_page_header_v2
  if (page === undefined) throw new Error('a page has no header')
  const { repetition_levels_byte_length: repetitions, definition_levels_byte_length: definitions } = page
  within('the number of values', page.num_values, values)
  within('the number of rows', page.num_rows, page.num_values)
  within('the number of nulls', page.num_nulls, page.num_values)
  within('the size of the levels', repetitions, body.length)
  within('the size of the levels', definitions, body.length - repetitions)
  checkLevels(body.subarray(0, repetitions), decoder.schemaPath, getMaxRepetitionLevel, page.num_values)
  const levels = repetitions + definitions
  checkLevels(body.subarray(repetitions, levels), decoder.schemaPath, getMaxDefinitionLevel, page.num_values)
  const size = header.uncompressed_page_size - levels
  const stored = body.subarray(levels)
  const isCompressed = page.is_compressed !== false && size !== 0
  const plain = isCompressed ? decompressPage(stored, size, decoder.codec, decoder.compressors) : stored
  checkValues(readerOf(plain), page.encoding, decoder, page.num_values - page.num_nulls)
  return plain
}

function checkLevels(
  bytes: Uint8Array,
  path: SchemaTree[],
  most: (path: SchemaTree[]) => number,
  count: number,
): void {
  if (most(path) > 0) checkRuns(bytes, widthOf(most(path)), count)
}

/** Levels of data page v1 are length-prefixed. Returns how many are below the maximum: for definition levels, the nulls. */
function skipLevels(reader: DataReader, largest: number, count: number): number {
  if (largest === 0) return 0
  const begin = reader.offset + 4
  const end = begin + reader.view.getUint32(reader.offset, true)
  within('the size of the levels', end, reader.view.byteLength)
  checkRuns(bytesOf(reader.view).subarray(begin, end), widthOf(largest), count)
  const levels = new Array<number>(count)
  readRleBitPackedHybrid(reader, widthOf(largest), levels)
  return levels.reduce((below, level) => below + (level === largest ? 0 : 1), 0)
}

function checkValues(
  reader: DataReader,
  encoding: string | undefined,
  { type }: ColumnDecoder,
  count: number,
): void {
  const rest = bytesOf(reader.view).subarray(reader.offset)
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    if (type !== 'BOOLEAN' && count > 0)
      checkRuns(rest.subarray(1), within('the width of an index', rest[0], 32), count)
  } else if (encoding === 'RLE') {
    if (type !== 'BOOLEAN') throw new Error('values that are no booleans are in runs')
    checkRuns(rest.subarray(4), 1, count)
  } else if (encoding === 'DELTA_BYTE_ARRAY') {
    checkPrefixes(reader, count)
  } else if (encoding === 'DELTA_BINARY_PACKED' || encoding === 'DELTA_LENGTH_BYTE_ARRAY') {
    checkDeltas(reader)
  } else if (encoding !== 'PLAIN') {
    throw new Error(`the encoding ${encoding} is not supported`)
  }
}

/** No run may be longer than the values left. */
function checkRuns(bytes: Uint8Array, width: number, count: number): void {
  const reader = readerOf(bytes)
  for (let seen = 0; seen < count; ) {
    const header = readVarint(reader)
    const packed = header % 2 === 1
    const length = packed ? (header >>> 1) * 8 : header >>> 1
    within('the length of a run', length, count - seen + (packed ? maxFilling : 0))
    seen += length
    reader.offset += packed ? (header >>> 1) * width : (width + 7) >> 3
    // The last run may end before its filling.
    if (seen < count) within('the end of a run', reader.offset, bytes.length)
  }
}

function readVarint(reader: DataReader): number {
  for (let value = 0, shift = 0; shift < 35; shift += 7) {
    const byte = reader.view.getUint8(reader.offset)
    reader.offset += 1
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return within('a run', value, 2 ** 31)
  }
  throw new Error('a number does not end')
}

/** Every block holds values, or unpacking would never end. */
function checkDeltas({ view, offset }: DataReader): void {
  const reader = { view, offset }
  const block = within('the size of a block', readVarint(reader), maxValues)
  const parts = within('the number of parts of a block', readVarint(reader), block)
  if (parts === 0 || block % parts !== 0) throw new Error(`a block of ${block} values has ${parts} parts`)
}

/** No value takes more from the one before than that has, and all together fit into memory. */
function checkPrefixes({ view, offset }: DataReader, count: number): void {
  if (count === 0) return
  const reader = { view, offset }
  const prefixes = new Int32Array(count)
  const suffixes = new Int32Array(count)
  for (const lengths of [prefixes, suffixes]) {
    checkDeltas(reader)
    deltaBinaryUnpack(reader, count, lengths)
  }
  for (let at = 0, length = 0, total = 0; at < count; at += 1, total += length) {
    within('prefix encoding that depends on another value', prefixes[at], length)
    within('the length of a value', suffixes[at], view.byteLength)
    length = prefixes[at]! + suffixes[at]!
    within('the length of all values', total + length, maxBytes)
  }
}

/** Throws unless it is a whole number from 0 to `most`. */
export function within(what: string, value: number | bigint | undefined, most: number): number {
  const given = Number(value)
  if (Number.isSafeInteger(given) && given >= 0 && given <= most) return given
  throw new Error(`${what} is ${value}, not from 0 to ${most}`)
}

const widthOf = (largest: number): number => 32 - Math.clz32(largest)

const readerOf = (bytes: Uint8Array): DataReader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
})

const bytesOf = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
