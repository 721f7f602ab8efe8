/**
 * The weights file of a classifier: `HGCW`, version, header length, JSON header, tables, and the first 8 bytes of the SHA-256 of all that.
 * Little-endian.
 */

import { createHash } from 'node:crypto'
import { messageOf } from '@hadal/base'
import { guardWeightsInvalid } from './errors.ts'

const magic = 'HGCW'
const version = 1
const fixedBytes = 12
const digestBytes = 8

export interface WeightsFile {
  readonly header: Readonly<Record<string, unknown>>
  /** In file order, with the lengths from the header. */
  readonly tables: readonly Uint8Array[]
}

export function writeWeightsFile({ header, tables }: WeightsFile): Uint8Array {
  const json = Buffer.from(JSON.stringify({ ...header, tables: tables.map(({ length }) => length) }))
  const start = Buffer.alloc(fixedBytes)
  start.write(magic, 'latin1')
  start.writeUInt32LE(version, 4)
  start.writeUInt32LE(json.length, 8)
  const body = Buffer.concat([start, json, ...tables])
  return new Uint8Array(Buffer.concat([body, digestOf(body)]))
}

/** Throws `guard_weights_invalid`. @param where shown in errors: a path, or `given` */
export function readWeightsFile(bytes: Uint8Array, where: string): WeightsFile {
  const issue = (why: string): never => {
    throw guardWeightsInvalid(where, why)
  }
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (all.length < fixedBytes + digestBytes) return issue(`${all.length} bytes are too few`)
  if (all.toString('latin1', 0, 4) !== magic) return issue('they do not begin as weights do')
  if (all.readUInt32LE(4) !== version)
    return issue(`version ${all.readUInt32LE(4)}, and this release reads ${version}`)
  const body = all.subarray(0, -digestBytes)
  if (!digestOf(body).equals(all.subarray(-digestBytes))) return issue('the checksum is of other bytes')
  const tablesAt = fixedBytes + all.readUInt32LE(8)
  if (tablesAt > body.length) return issue('the header is cut short')
  let header: unknown
  try {
    header = JSON.parse(body.toString('utf8', fixedBytes, tablesAt))
  } catch (cause) {
    throw guardWeightsInvalid(where, `the header is no JSON (${messageOf(cause)})`).with({ cause })
  }
  const lengths: unknown = (header as { tables?: unknown } | null)?.tables
  if (!Array.isArray(lengths) || !lengths.every((length) => Number.isSafeInteger(length) && length >= 0))
    return issue('the header does not say how long the tables are')
  const tables: Uint8Array[] = []
  let at = tablesAt
  for (const length of lengths as number[]) {
    tables.push(
      new Uint8Array(
        body.buffer,
        body.byteOffset + at,
        length > body.length - at ? issue('a table is cut short') : length,
      ),
    )
    at += length
  }
  if (at !== body.length) return issue('something follows the tables')
  return { header: header as Record<string, unknown>, tables }
}

function digestOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, digestBytes)
}
