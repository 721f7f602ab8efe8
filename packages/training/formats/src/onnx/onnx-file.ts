/** ONNX models as files, whole in memory. */

import { readFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { tensorFileUnreadable } from '../errors.ts'
import { writeAtomically } from '../write-atomically.ts'
import { type DecodeOnnxOptions, decodeOnnx } from './decode-onnx.ts'
import { encodeOnnx } from './encode-onnx.ts'
import type { OnnxModel } from './model.ts'

/**
 * Throws `tensor_file_unreadable` and what `decodeOnnx` throws.
 *
 * @example
 * ```ts
 * import { readOnnx } from '@hadal/formats'
 *
 * const model = readOnnx('model.onnx') // with what it keeps in other files
 * console.log(model.graph.nodes.map(({ op }) => op))
 * ```
 */
export function readOnnx(path: string, options: Omit<DecodeOnnxOptions, 'source'> = {}): OnnxModel {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw tensorFileUnreadable(path, messageOf(cause)).with({ cause })
  }
  return decodeOnnx(bytes, { ...options, source: path })
}

/**
 * Atomic. Returns its bytes. Throws `tensor_file_unwritable` and what `encodeOnnx` throws.
 *
 * @example
 * ```ts
 * import { GraphBuilder, writeOnnx } from '@hadal/formats'
 *
 * const graph = new GraphBuilder('identity')
 * const x = graph.input('x', 'float32', [3])
 * graph.output(graph.node('Identity', [x]), 'float32', [3])
 * writeOnnx('identity.onnx', { irVersion: 8, opsets: [{ domain: '', version: 17 }], graph: graph.build(), metadata: new Map() })
 * ```
 */
export function writeOnnx(path: string, model: OnnxModel): number {
  const bytes = encodeOnnx(model)
  writeAtomically(path, (sink) => sink.write(bytes))
  return bytes.length
}
