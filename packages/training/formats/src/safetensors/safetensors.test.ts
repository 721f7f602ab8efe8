import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { PlainType } from '../element-types.ts'
import { toBfloat16 } from '../half.ts'
import type { TensorSource } from '../tensor-source.ts'
import { openSafetensors } from './open-safetensors.ts'
import { writeSafetensors } from './write-safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'a.safetensors')

/** A file of hand-written parts, so that the reader is not only tested against our own writer. */
function craft(header: object | string, data = new Uint8Array(0), length?: bigint): string {
  const json = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length ?? BigInt(json.length))
  writeFileSync(path, Buffer.concat([size, json, data]))
  return path
}

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'safetensors_invalid', message: expect.stringContaining(message) })

describe('openSafetensors', () => {
  it('reads a file written by hand', () => {
    const data = Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)
    craft({ __metadata__: { format: 'pt' }, w: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] } }, data)
    using file = openSafetensors(path)
    expect([...file.metadata]).toEqual([['format', 'pt']])
    expect(file.tensors.get('w')).toMatchObject({ type: 'F32', shape: [2, 3], byteLength: 24, path })
    expect([...file.readFloats('w')]).toEqual([1, 2, 3, 4, 5, 6])
    expect(Buffer.from(file.read('w'))).toEqual(data)
  })

  it('takes scalars, empty tensors and no tensors', () => {
    craft({
      empty: { dtype: 'F32', shape: [2 ** 40, 2 ** 40, 0], data_offsets: [0, 0] },
      scalar: { dtype: 'U8', shape: [], data_offsets: [0, 1] },
    })
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(7)]))
    using file = openSafetensors(path)
    expect([...file.read('scalar')]).toEqual([7])
    expect(file.readFloats('empty')).toHaveLength(0)
    expect(openSafetensors(craft('{}      ')).tensors.size).toBe(0)
  })

  const f32 = (begin: number, end: number, shape: readonly unknown[] = [1]): object => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  })
  it.each<[string, object | string, number, string]>([
    ['a list', '[]', 0, 'does not start with {'],
    ['broken JSON', '{"a"', 0, 'header'],
    ['leading spaces', ' {}', 0, 'does not start with {'],
    [
      'invalid UTF-8',
      Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d),
      0,
      'header: it is not JSON in UTF-8',
    ],
    ['metadata that is no string', { __metadata__: { a: 1 } }, 0, '__metadata__: a is not a string'],
    ['a null tensor', { w: null }, 0, 'tensor "w": it is not an object'],
    ['an unknown dtype', { w: { dtype: 'F4', shape: [2], data_offsets: [0, 1] } }, 1, 'the dtype "F4"'],
    ['a negative size', { w: f32(0, 4, [-1]) }, 4, 'tensor "w": the shape [-1]'],
    ['a fractional size', { w: f32(0, 4, [0.5, 2]) }, 4, 'tensor "w": the shape'],
    ['a size in text', { w: f32(0, 4, ['1']) }, 4, 'tensor "w": the shape'],
    ['an overflowing shape', { w: f32(0, 4, [2 ** 30, 2 ** 30]) }, 4, 'tensor "w": the shape'],
    ['a shape beyond its bytes', { w: f32(0, 4, [2 ** 50]) }, 4, 'bytes 0 to 4 are not the'],
    ['one offset', { w: { dtype: 'F32', shape: [1], data_offsets: [4] } }, 4, 'not a pair of offsets'],
    ['a negative offset', { w: f32(-4, 0) }, 4, 'not a pair of offsets'],
    ['swapped offsets', { w: f32(4, 0) }, 4, 'bytes 4 to 0'],
    ['an overlap', { a: f32(0, 8, [2]), b: f32(4, 12, [2]) }, 12, 'tensor "b": byte 4 overlaps tensor "a"'],
    ['a hole', { a: f32(0, 4), b: f32(8, 12) }, 12, 'tensor "b": byte 8 leaves a hole after tensor "a"'],
    ['a hole at the start', { a: f32(4, 8) }, 8, 'leaves a hole after the start'],
    ['data past the end', { w: f32(0, 4) }, 3, 'the file holds only 3 bytes'],
    ['data of no tensor', { w: f32(0, 4) }, 9, '5 bytes after tensor "w" belong to no tensor'],
  ])('refuses %s', (_what, header, dataLength, message) => {
    craft(header, new Uint8Array(dataLength))
    expect(() => openSafetensors(path)).toThrow(invalid(message))
  })

  it.each([
    [2n ** 60n, 'a header of 1152921504606846976 bytes'],
    [100_000_001n, 'a header of 100000001 bytes'],
    [3n, 'a header of 3 bytes does not fit'],
  ])('refuses a header length of %d without allocating it', (length, message) => {
    expect(() => openSafetensors(craft('{}', undefined, length))).toThrow(invalid(message))
  })

  it('refuses what is not a file, and what is shorter than a length', () => {
    const unreadable = expect.objectContaining({ code: 'tensor_file_unreadable' })
    expect(() => openSafetensors(join(folder, 'missing.safetensors'))).toThrow(unreadable)
    expect(() => openSafetensors('/dev/zero')).toThrow(unreadable)
    expect(() => openSafetensors(folder)).toThrow(unreadable)
    writeFileSync(path, 'short')
    expect(() => openSafetensors(path)).toThrow(invalid('only 5 bytes'))
  })

  it('names the tensors there are when one is not', () => {
    craft({ w: f32(0, 4) }, new Uint8Array(4))
    using file = openSafetensors(path)
    const error = expect.objectContaining({
      code: 'tensor_not_found',
      help: 'Use one of the available tensors (1): w.',
    })
    expect(() => file.read('v')).toThrow(error)
    expect(() => file.readFloats('__proto__')).toThrow(error)
  })

  it('says so when a file is cut or closed while in use', () => {
    craft({ w: f32(0, 4) }, new Uint8Array(4))
    const file = openSafetensors(path)
    truncateSync(path, 20)
    expect(() => file.read('w')).toThrow(expect.objectContaining({ code: 'tensor_file_unreadable' }))
    file.close()
    expect(() => file.read('w')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('closed') }),
    )
  })

  it('survives any damage to a valid file with a coded error or a consistent reading', () => {
    writeSafetensors(path, [
      { name: 'first', type: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      { name: 'second', type: 'I64', shape: [1], data: BigInt64Array.of(5n) },
    ])
    const valid = readFileSync(path)
    const readAll = (bytes: Uint8Array): void => {
      writeFileSync(path, bytes)
      using file = openSafetensors(path)
      for (const [name, tensor] of file.tensors) expect(file.read(name)).toHaveLength(tensor.byteLength)
    }
    const damage = fc.oneof(
      fc.nat(valid.length - 1).map((length) => valid.subarray(0, length)),
      fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte)),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 40 }).map((tail) => Buffer.concat([valid, tail])),
    )
    fc.assert(
      fc.property(damage, (bytes) => {
        try {
          readAll(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'safetensors_invalid' })
        }
      }),
      { numRuns: 500 },
    )
    for (let length = 0; length < valid.length; length++) {
      expect(() => readAll(valid.subarray(0, length))).toThrow(invalid(''))
    }
  })
})

describe('writeSafetensors', () => {
  const tensor = fc.record({
    type: fc.constantFrom<PlainType>('F32', 'F16', 'BF16', 'I64', 'U8', 'BOOL', 'F8_E4M3', 'I32', 'F64'),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
  })
  const widths: Partial<Record<PlainType, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, F64: 8 }

  it('stands tensors in the order of the reference writer: by type, then by name', () => {
    const written = ['BOOL', 'F16', 'I32', 'BF16', 'F32', 'I64', 'U8', 'F64', 'F8_E5M2'] as const
    const tensors = written.flatMap((type) =>
      ['b', 'a'].map((end) => ({ name: `${type}.${end}`, type, shape: [0], data: new Uint8Array(0) })),
    )
    writeSafetensors(path, tensors)
    using file = openSafetensors(path)
    const order = ['I64', 'F64', 'F32', 'I32', 'BF16', 'F16', 'F8_E5M2', 'U8', 'BOOL']
    expect([...file.tensors.keys()]).toEqual(order.flatMap((type) => [`${type}.a`, `${type}.b`]))
  })

  it('round-trips names, shapes, types, bytes and metadata, aligned', () => {
    const contents = fc.tuple(
      fc.dictionary(fc.string({ unit: 'grapheme' }), tensor, { maxKeys: 6, noNullPrototype: false }),
      fc.dictionary(fc.string(), fc.string()),
    )
    fc.assert(
      fc.property(contents, ([described, metadata]) => {
        const tensors: TensorSource<PlainType>[] = Object.entries(described)
          .filter(([name]) => name !== '__metadata__')
          .map(([name, { type, shape }], at) => {
            const length = shape.reduce((a, b) => a * b, widths[type] ?? 1)
            return { name, type, shape, data: () => new Uint8Array(length).fill(at + 1) }
          })
        writeSafetensors(path, tensors, metadata)
        using file = openSafetensors(path)
        expect([...file.metadata].sort()).toEqual(Object.entries(metadata).sort())
        expect(file.tensors.size).toBe(tensors.length)
        for (const { name, type, shape, data } of tensors) {
          const read = file.tensors.get(name)!
          expect(read).toMatchObject({ type, shape })
          expect(read.offset % (widths[type] ?? 1)).toBe(0)
          expect(file.read(name)).toEqual((data as () => Uint8Array)())
        }
      }),
    )
  })

  it('rounds floats to the requested type', () => {
    const data = Float32Array.of(1, -2.5, Math.PI)
    const types = ['F32', 'F16', 'BF16'] as const
    writeSafetensors(
      path,
      types.map((type) => ({ name: type, type, shape: [3], data })),
    )
    using file = openSafetensors(path)
    expect(file.readFloats('F32')).toEqual(data)
    expect([...file.readFloats('F16')]).toEqual([1, -2.5, 3.140625])
    expect([...file.readFloats('BF16')]).toEqual([1, -2.5, 3.140625])
    expect(new Uint16Array(file.read('BF16').buffer)).toEqual(toBfloat16(data))
  })

  it.each<[string, string, TensorSource<PlainType>[]]>([
    ['tensor_source_invalid', 'taken', [floats('a', [1], 1), floats('a', [1], 1)]],
    ['tensor_source_invalid', 'taken', [floats('__metadata__', [1], 1)]],
    ['tensor_source_invalid', 'has 3 values; [2, 2] needs 4', [floats('a', [2, 2], 3)]],
    ['tensor_source_invalid', 'no shape', [floats('a', [-1], 1)]],
    [
      'tensor_source_invalid',
      'has 3 bytes; F16 [1] needs 2',
      [{ ...floats('a', [1], 1), type: 'F16', data: new Uint8Array(3) }],
    ],
    ['tensor_type_unsupported', 'written from a Float32Array', [{ ...floats('a', [1], 1), type: 'I32' }]],
    [
      'tensor_type_unsupported',
      'written from a Int32Array',
      [{ ...floats('a', [1], 1), data: new Int32Array(1) }],
    ],
  ])('refuses with %s: %s', (code, message, tensors) => {
    writeFileSync(path, 'what was there')
    expect(() => writeSafetensors(path, tensors)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
    expect(readFileSync(path, 'utf8')).toBe('what was there')
  })

  it('leaves no temporary file behind, whatever is thrown', () => {
    const data = (): never => {
      throw new Error('the tensor is gone')
    }
    const before = readdirSync(folder)
    expect(() => writeSafetensors(path, [{ ...floats('a', [1], 1), data }])).toThrow(
      expect.objectContaining({
        code: 'tensor_file_unwritable',
        message: expect.stringContaining('is gone'),
      }),
    )
    expect(() => writeSafetensors(join(folder, 'no', 'such', 'folder'), [])).toThrow(
      expect.objectContaining({ code: 'tensor_file_unwritable' }),
    )
    expect(readdirSync(folder)).toEqual(before)
  })
})

describe('sharded safetensors', () => {
  const index = join(folder, 'model.safetensors.index.json')
  const writeIndex = (weightMap: unknown): void =>
    writeFileSync(index, JSON.stringify({ weight_map: weightMap }))
  writeSafetensors(join(folder, 'one.safetensors'), [floats('a', [1], 1), floats('spare', [1], 1)])
  writeSafetensors(join(folder, 'two.safetensors'), [floats('b', [2], 2)], { format: 'pt' })

  it.each([index, folder])('reads tensors from their shards through %s', (target) => {
    writeIndex({ a: 'one.safetensors', b: 'two.safetensors' })
    using file = openSafetensors(target)
    expect([...file.tensors.keys()]).toEqual(['a', 'b'])
    expect([...file.readFloats('b')]).toEqual([0, 1])
    expect(file.metadata.get('format')).toBe('pt')
  })

  it.each<[unknown, string]>([
    [undefined, 'it is missing'],
    [[], 'it is missing'],
    [{ a: 1 }, 'which is not a file name'],
    [{ a: '../one.safetensors' }, 'which is not a file name'],
    [{ a: '/etc/passwd' }, 'which is not a file name'],
    [{ a: '..\\one.safetensors' }, 'which is not a file name'],
    [{ b: 'one.safetensors' }, 'holds no b'],
  ])('refuses the map %j', (weightMap, message) => {
    writeIndex(weightMap)
    expect(() => openSafetensors(index)).toThrow(invalid(message))
  })

  it('refuses an index that is no JSON, or names a missing shard', () => {
    writeFileSync(index, '{')
    expect(() => openSafetensors(index)).toThrow(invalid('not JSON'))
    writeIndex({ a: 'gone.safetensors' })
    expect(() => openSafetensors(index)).toThrow(expect.objectContaining({ code: 'tensor_file_unreadable' }))
  })
})

function floats(name: string, shape: number[], length: number): TensorSource<PlainType> {
  return { name, type: 'F32', shape, data: Float32Array.from({ length }, (_, at) => at) }
}
