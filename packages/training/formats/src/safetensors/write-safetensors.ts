/** Writes a safetensors file, atomically, one tensor in memory at a time. */

import { byteCount, type ElementType, type PlainType } from '../element-types.ts'
import { tensorSourceInvalid } from '../errors.ts'
import { badShape, encodeTensor, type TensorSource } from '../tensor-source.ts'
import { writeAtomically } from '../write-atomically.ts'

/**
 * `metadata` is stored under `__metadata__`; PyTorch's loaders expect `{ format: 'pt' }`. Throws `tensor_source_invalid`,
 * `tensor_type_unsupported` or `tensor_file_unwritable`, which leaves the existing file at `path` unchanged.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from '@hadal/formats'
 *
 * writeSafetensors('tiny.safetensors', [{ name: 'w', shape: [2, 2], type: 'F32', data: new Float32Array([1, 2, 3, 4]) }])
 * ```
 */
export function writeSafetensors(
  path: string,
  tensors: readonly TensorSource<PlainType>[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const ordered = [...tensors].sort(byTypeThenName)
  const header = headerOf(ordered, metadata)
  writeAtomically(path, (sink) => {
    const length = new DataView(new ArrayBuffer(8))
    length.setBigUint64(0, BigInt(header.length), true)
    sink.write(new Uint8Array(length.buffer))
    sink.write(header)
    for (const tensor of ordered) sink.write(encodeTensor(tensor))
  })
}

/** The reference writer's order, so that the same tensors give the same bytes: wider types first keeps every tensor aligned. */
const typeOrder: readonly ElementType[] = [
  ...(['U64', 'I64', 'F64', 'F32', 'U32', 'I32', 'BF16', 'F16', 'U16', 'I16'] as const),
  ...(['F8_E8M0', 'F8_E4M3', 'F8_E5M2', 'I8', 'U8', 'BOOL'] as const),
]

const byTypeThenName = (a: TensorSource, b: TensorSource): number =>
  typeOrder.indexOf(a.type) - typeOrder.indexOf(b.type) || (a.name < b.name ? -1 : 1)

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
