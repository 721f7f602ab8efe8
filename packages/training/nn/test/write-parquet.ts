/** For tests: Parquet files of texts and of conversations, in row groups and pages of any size. */

import { writeFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer'

export interface ParquetShape extends Pick<ParquetWriteOptions, 'codec' | 'pageSize' | 'rowGroupSize'> {
  readonly encoding?: 'PLAIN' | 'RLE_DICTIONARY' | 'DELTA_BYTE_ARRAY' | 'DELTA_LENGTH_BYTE_ARRAY'
}

export interface Message {
  readonly role: string | null
  readonly content: string | null
  readonly name?: string | null
}

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const

export function writeTexts(path: string, texts: readonly unknown[], shape: ParquetShape = {}): void {
  const { encoding, ...rest } = shape
  const column = { name: 'text', data: [...texts], ...(encoding !== undefined && { encoding }) }
  const schema = [
    { name: 'root', num_children: 1 },
    { name: 'text', ...text },
  ]
  write(path, { columnData: [column], schema, ...rest })
}

/** With an extra column that is not read. */
export function writeConversations(
  path: string,
  conversations: readonly (readonly Message[] | null)[],
  shape: ParquetShape = {},
): void {
  const schema: ParquetWriteOptions['schema'] = [
    { name: 'root', num_children: 2 },
    { name: 'id', type: 'INT64', repetition_type: 'REQUIRED' },
    { name: 'messages', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', num_children: 3 },
    { name: 'role', ...text },
    { name: 'content', ...text },
    { name: 'name', ...text },
  ]
  const data = conversations.map(
    (messages) => messages?.map((message) => ({ name: null, ...message })) ?? null,
  )
  const id = { name: 'id', data: conversations.map((_, index) => BigInt(index)) }
  write(path, { columnData: [id, { name: 'messages', data }], schema, ...shape })
}

function write(path: string, options: Omit<ParquetWriteOptions, 'writer'>): void {
  writeFileSync(path, Buffer.from(parquetWriteBuffer({ ...options, compressors })))
}

const compressors: NonNullable<ParquetWriteOptions['compressors']> = {
  GZIP: (bytes) => gzipSync(bytes),
  BROTLI: (bytes) => brotliCompressSync(bytes),
  ZSTD: storedZstd,
}

/** A frame of Zstandard in which nothing is compressed: Node 20 has no compressor. */
function storedZstd(bytes: Uint8Array): Uint8Array {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0])
  header.writeUInt32LE(bytes.length, 5)
  const parts: Uint8Array[] = [header]
  const most = 128 * 1024
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most)
    const isLast = at + most >= bytes.length
    const head = Buffer.alloc(3)
    head.writeUIntLE(block.length * 8 + (isLast ? 1 : 0), 0, 3)
    parts.push(head, block)
  }
  return Buffer.concat(parts)
}
