/**
 * IDX files as used by MNIST: a header with type and sizes, then the numbers, optionally gzipped.
 * https://github.com/cvdfoundation/mnist describes the format.
 */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type HadalError, messageOf } from '@hadal/base'
import { idxInvalid } from './errors.ts'

export interface Idx {
  readonly shape: readonly number[]
  /** Row-major. */
  readonly bytes: Uint8Array
}

const unsignedBytes = 8
const gzipMagic = 0x1f8b

/**
 * Only unsigned bytes are supported. Throws `image_idx_invalid`, which names the file and the issue.
 *
 * @example
 * ```ts
 * import { readIdx } from '@hadal/images'
 *
 * const { shape, bytes } = readIdx('/usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz')
 * ```
 */
export function readIdx(path: string): Idx {
  return parseIdx(readFileSync(path), path)
}

/**
 * `name` is how errors call the file.
 *
 * @example
 * ```ts
 * import { parseIdx } from '@hadal/images'
 *
 * const file = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]) // bytes, one dimension, two of them
 * parseIdx(file, 'labels') // → { shape: [ 2 ], bytes: Uint8Array(2) [ 7, 9 ] }
 * ```
 */
export function parseIdx(file: Uint8Array, name: string): Idx {
  const wrong = (why: string): HadalError => idxInvalid(name, why)
  const plain = unpacked(file, (why) => wrong(`it does not unpack (${why})`))
  const header = new DataView(plain.buffer, plain.byteOffset, plain.byteLength)
  if (plain.length < 4) throw wrong(`it has ${plain.length} bytes`)
  if (header.getUint16(0) !== 0) throw wrong('it does not begin with two zeros')
  const [type, dimensions] = [header.getUint8(2), header.getUint8(3)]
  if (type !== unsignedBytes) throw wrong(`its type is ${type}, not ${unsignedBytes}`)
  const begin = 4 + 4 * dimensions
  if (dimensions === 0 || plain.length < begin) throw wrong(`its ${dimensions} sizes are not all there`)
  const shape = Array.from({ length: dimensions }, (_, index) => header.getUint32(4 + 4 * index))
  const wanted = shape.reduce((product, size) => product * size, 1)
  const found = plain.length - begin
  if (found !== wanted) throw wrong(`[${shape}] takes ${wanted} bytes, and ${found} follow`)
  return { shape, bytes: plain.subarray(begin) }
}

function unpacked(file: Uint8Array, wrong: (why: string) => HadalError): Uint8Array {
  const packed = file.length >= 2 && (file[0]! << 8) + file[1]! === gzipMagic
  if (!packed) return file
  try {
    return gunzipSync(file)
  } catch (error) {
    throw wrong(messageOf(error))
  }
}
