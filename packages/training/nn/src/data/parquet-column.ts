/**
 * Decodes one column of a row group from the bytes of its chunk: page by page, each validated first. Uses hyparquet's modules
 * individually, because its public API is asynchronous and a stream of documents reads synchronously.
 */

import type { Compressors, DecodedArray } from 'hyparquet'
import { parquetHeader, readPage } from 'hyparquet/src/column.js'
import { convert } from 'hyparquet/src/convert.js'
import { type ColumnDecoder, checkedPage, within } from './parquet-page.ts'

export interface ColumnChunk {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Values of the deepest level, nulls included. */
  readonly values: number
}

/** Throws plain errors that describe the problem. */
export function decodeColumn({ bytes, values }: ColumnChunk, decoder: ColumnDecoder): unknown[] {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  const parts: DecodedArray[] = []
  let dictionary: DecodedArray | undefined
  let last: DecodedArray | undefined
  let left = values
  while (left > 0) {
    const header = parquetHeader(reader)
    const size = within('the size of a page', header.compressed_page_size, bytes.length - reader.offset)
    const page = checkedPage(bytes.subarray(reader.offset, reader.offset + size), header, decoder, left)
    // Reuses what the validation decompressed.
    const given = { ...decoder, compressors: everyCodec(() => page) }
    const { data } = readPage(reader, header, given, dictionary, last, 0)
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = data === undefined ? undefined : convert(data, decoder)
      continue
    }
    left -= (header.data_page_header ?? header.data_page_header_v2)!.num_values
    // A row continued from the previous page is appended to its data.
    if (data === undefined || data === last || data.length === 0) continue
    parts.push(data)
    last = data
  }
  return parts.flatMap((part) => Array.from(part as ArrayLike<unknown>))
}

const everyCodec = (decompress: () => Uint8Array): Compressors => ({
  SNAPPY: decompress,
  GZIP: decompress,
  BROTLI: decompress,
  ZSTD: decompress,
  LZ4: decompress,
  LZ4_RAW: decompress,
})
