/** Writes a safetensors file, atomically, one tensor in memory at a time. */

import { byteCount, type ElementType, type PlainType } from '../element-types.ts'
import { tensorSourceInvalid } from '../errors.ts'
import { badShape, encodeTensor, type TensorSource } from '../tensor-source.ts'
import { writeAtomically } from '../write-atomically.ts'

/**
 * `metadata` stands under `__metadata__`; PyTorch's loaders want `{ format: 'pt' }`. Throws `tensor_source_invalid`,
 * `tensor_type_unsupported` or `tensor_file_unwritable`; the file that stood at `path` then still does.
 */
export function writeSafetensors(
  path: string,
  tensors: readonly TensorSource<PlainType>[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const ordered = [...tensors].sort(byAlignmentThenName)
  const header = headerOf(ordered, metadata)
  writeAtomically(path, (sink) => {
    const length = new DataView(new ArrayBuffer(8))
    length.setBigUint64(0, BigInt(header.length), true)
    sink.write(new Uint8Array(length.buffer))
    sink.write(header)
    for (const tensor of ordered) sink.write(encodeTensor(tensor))
  })
}

/** Wider types first keeps every tensor aligned to its elements; the reference writer does the same. */
function byAlignmentThenName(a: TensorSource, b: TensorSource): number {
  return bytesPerValue(b.type) - bytesPerValue(a.type) || (a.name < b.name ? -1 : 1)
}

const bytesPerValue = (type: ElementType): number => byteCount(type, [1]) ?? 0

/** JSON, padded with spaces so that the data starts at a multiple of 8. */
function headerOf(
  tensors: readonly TensorSource<PlainType>[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata])
  const names = new Set(['__metadata__'])
  let end = 0
  for (const tensor of tensors) {
    const { name, type, shape } = tensor
    if (names.has(name)) throw tensorSourceInvalid(name, 'has a name that is taken')
    names.add(name)
    const byteLength = byteCount(type, shape)
    if (byteLength === undefined) throw badShape(tensor)
    entries.push([name, { dtype: type, shape, data_offsets: [end, end + byteLength] }])
    end += byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20)
  padded.set(json)
  return padded
}
