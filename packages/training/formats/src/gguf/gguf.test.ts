import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { type FloatType, floatTypes } from '../float-codecs.ts'
import type { TensorSource } from '../tensor-source.ts'
import { describeGguf } from './describe-gguf.ts'
import { openGguf } from './open-gguf.ts'
import type { GgufTensorType } from './tensor-types.ts'
import { type GgufArray, type GgufMetadata, type GgufValue, gguf } from './value.ts'
import { writeGguf } from './write-gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-gguf-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'a.gguf')

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: bigint): Buffer => Buffer.from(BigUint64Array.of(value).buffer)
const text = (value: string): Buffer =>
  Buffer.concat([u64(BigInt(Buffer.byteLength(value))), Buffer.from(value)])
/** A file of hand-written parts, so that the reader is not only tested against our own writer. */
function craft(...parts: readonly Uint8Array[]): string {
  writeFileSync(path, Buffer.concat(parts))
  return path
}
const head = (version: number, tensors: bigint, entries: bigint): Buffer =>
  Buffer.concat([Buffer.from('GGUF'), u32(version), u64(tensors), u64(entries)])
const tensorEntry = (name: string, dims: readonly bigint[], type: number, offset: bigint): Buffer =>
  Buffer.concat([text(name), u32(dims.length), ...dims.map(u64), u32(type), u64(offset)])
const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 31)])

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'gguf_invalid', message: expect.stringContaining(message) })

describe('openGguf', () => {
  it.each([2, 3])('reads a version %d file written by hand', (version) => {
    const header = [
      head(version, 2n, 2n),
      text('general.name'),
      u32(8),
      text('tiny'),
      text('list'),
      u32(9),
      u32(5),
    ]
    const list = [u64(2n), Buffer.from(Int32Array.of(-1, 7).buffer)]
    const table = [tensorEntry('w', [3n, 2n], 0, 0n), tensorEntry('b', [1n], 0, 32n)]
    const data = [
      pad(Buffer.from(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)),
      Buffer.from(Float32Array.of(9).buffer),
    ]
    craft(pad(Buffer.concat([...header, ...list, ...table])), ...data)
    using file = openGguf(path)
    expect(file).toMatchObject({ version, alignment: 32 })
    expect(file.get('general.name')).toBe('tiny')
    expect(file.metadata.get('list')).toEqual({ type: 'array', of: 'int32', value: [-1, 7] })
    expect(file.tensors.get('w')).toMatchObject({ type: 'F32', shape: [2, 3], byteLength: 24 })
    expect([...file.readFloats('w')]).toEqual([1, 2, 3, 4, 5, 6])
    expect([...file.readFloats('b')]).toEqual([9])
  })

  const entry = (type: number, ...value: readonly Buffer[]): Buffer[] => [
    head(3, 0n, 1n),
    text('k'),
    u32(type),
    ...value,
  ]
  const huge = 2n ** 60n
  it.each<[string, readonly Uint8Array[], string]>([
    ['an empty file', [], 'at byte 0'],
    ['another magic', [Buffer.from('GGML'), head(3, 0n, 0n)], 'it does not start with GGUF'],
    ['version 1', [head(1, 0n, 0n)], 'at byte 4: it has version 1'],
    ['version 4', [head(4, 0n, 0n)], 'version 4'],
    ['big-endian files', [Buffer.from('GGUF'), Buffer.of(0, 0, 0, 3)], 'big-endian'],
    ['2^60 tensors', [head(3, huge, 0n)], 'at byte 8: the number of tensors is 1152921504606846976'],
    ['2^60 entries', [head(3, 0n, huge)], 'at byte 16: the number of metadata entries is'],
    ['2^40 entries', [head(3, 0n, 2n ** 40n)], 'only 0 bytes are left'],
    ['a key of 2^60 bytes', [head(3, 0n, 1n), u64(huge), Buffer.alloc(99)], 'the length of a metadata key'],
    ['a string of 2^50 bytes', entry(8, u64(2n ** 50n)), 'the length of k is 1125899906842624'],
    ['an array of 2^60 items', entry(9, u32(0), u64(huge), Buffer.alloc(9)), 'the length of k'],
    ['an array of 2^40 strings', entry(9, u32(8), u64(2n ** 40n)), 'the length of k'],
    ['value type 13', entry(13), 'k has the unknown value type 13'],
    ['items of type 99', entry(9, u32(99), u64(0n)), 'k has the unknown value type 99'],
    [
      'deep nesting',
      entry(9, ...Array.from({ length: 1000 }, () => [u32(9), u64(1n)]).flat()),
      'nests arrays deeper',
    ],
    [
      'a key twice',
      [head(3, 0n, 2n), text('k'), u32(0), Buffer.of(1), text('k'), u32(0), Buffer.of(1)],
      'twice',
    ],
    ['alignment 0', [head(3, 0n, 1n), text('general.alignment'), u32(4), u32(0)], 'power of two'],
    ['alignment 24', [head(3, 0n, 1n), text('general.alignment'), u32(4), u32(24)], 'power of two'],
    ['alignment as text', [head(3, 0n, 1n), text('general.alignment'), u32(8), text('32')], 'power of two'],
    ['5 dimensions', [head(3, 1n, 0n), tensorEntry('w', [1n, 1n, 1n, 1n, 1n], 0, 0n)], '5 dimensions'],
    [
      'a huge dimension',
      [head(3, 1n, 0n), tensorEntry('w', [huge], 0, 0n)],
      'a dimension is 1152921504606846976',
    ],
    ['an overflow', [head(3, 1n, 0n), tensorEntry('w', [2n ** 30n, 2n ** 30n], 0, 0n)], 'impossible shape'],
    ['half a block', [head(3, 1n, 0n), tensorEntry('w', [33n], 8, 0n)], 'impossible shape [33] for Q8_0'],
    ['tensor type 4', [head(3, 1n, 0n), tensorEntry('w', [32n], 4, 0n)], 'unknown type 4'],
    ['a shifted tensor', [head(3, 1n, 0n), tensorEntry('w', [1n], 0, 32n)], 'it should stand at 0'],
    [
      'overlapping tensors',
      [head(3, 2n, 0n), tensorEntry('a', [64n], 0, 0n), tensorEntry('b', [64n], 0, 32n), Buffer.alloc(999)],
      'tensor "b" stands at offset 32; it should stand at 256',
    ],
    [
      'a tensor twice',
      [head(3, 2n, 0n), tensorEntry('a', [8n], 0, 0n), tensorEntry('a', [8n], 0, 32n), Buffer.alloc(99)],
      'tensor "a" stands there twice',
    ],
    ['missing data', [head(3, 1n, 0n), tensorEntry('w', [2n ** 40n], 0, 0n)], 'tensor "w" ends at byte'],
  ])('refuses %s', (_what, parts, message) => {
    craft(...parts)
    expect(() => openGguf(path)).toThrow(invalid(message))
  })

  it('refuses a missing file and reading a type it cannot convert', () => {
    expect(() => openGguf(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'tensor_file_unreadable' }),
    )
    craft(pad(Buffer.concat([head(3, 1n, 0n), tensorEntry('w', [32n], 3, 0n)])), Buffer.alloc(20))
    using file = openGguf(path)
    expect(file.read('w')).toHaveLength(20)
    expect(() => file.readFloats('w')).toThrow(expect.objectContaining({ code: 'tensor_type_unsupported' }))
    expect(() => file.read('v')).toThrow(expect.objectContaining({ code: 'tensor_not_found' }))
  })

  it('survives any damage to a valid file with a coded error or a consistent reading', () => {
    writeGguf(path, {
      metadata: {
        'general.architecture': gguf.string('llama'),
        'llama.block_count': gguf.uint32(2),
        'tokenizer.ggml.tokens': gguf.strings(['a', 'b', 'longer']),
        nested: { type: 'array', of: 'array', value: [gguf.int32s([1, 2]), gguf.strings(['x'])] },
      },
      tensors: [
        floats('first', 'Q8_0', [2, 32]),
        floats('second', 'Q4_K', [256]),
        floats('third', 'Q6_K', [256]),
        floats('fourth', 'Q4_0', [32]),
        floats('last', 'F16', [3]),
      ],
    })
    const valid = readFileSync(path)
    const headerEnd = valid.length - 32 - 32 - 224 - 160 - 96
    const readAll = (bytes: Uint8Array): void => {
      writeFileSync(path, bytes)
      using file = openGguf(path)
      for (const [name, tensor] of file.tensors) {
        expect(file.read(name)).toHaveLength(tensor.byteLength)
        if (!floatTypes.includes(tensor.type as FloatType)) continue
        const count = tensor.shape.reduce((product, size) => product * size, 1)
        expect(file.readFloats(name)).toHaveLength(count)
      }
    }
    const damage = fc.oneof(
      fc.nat(valid.length - 1).map((length) => valid.subarray(0, length)),
      fc.tuple(fc.nat(headerEnd), fc.nat(255)).map(([at, byte]) => valid.with(at, byte)),
      fc.tuple(fc.nat(headerEnd), fc.nat(7)).map(([at, bit]) => valid.with(at, valid[at]! ^ (1 << bit))),
      fc.tuple(fc.nat(headerEnd - 8), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(([at, value]) => {
        return Buffer.concat([valid.subarray(0, at), u64(value), valid.subarray(at + 8)])
      }),
      fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([valid.subarray(0, 24), tail])),
    )
    fc.assert(
      fc.property(damage, (bytes) => {
        try {
          readAll(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'gguf_invalid' })
        }
      }),
      { numRuns: runs(250, 1000) },
    )
    const lastTensorPadding = 32 - 6
    for (let length = 0; length < valid.length - lastTensorPadding; length++) {
      expect(() => readAll(valid.subarray(0, length))).toThrow(invalid(''))
    }
  })
})

const scalars: fc.Arbitrary<GgufValue> = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((value) => ({ type: 'uint8' as const, value })),
  fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 'int8' as const, value })),
  fc.integer({ min: 0, max: 65535 }).map((value) => ({ type: 'uint16' as const, value })),
  fc.integer({ min: -32768, max: 32767 }).map((value) => ({ type: 'int16' as const, value })),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(gguf.uint32),
  fc.integer().map(gguf.int32),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(gguf.uint64),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ type: 'int64' as const, value })),
  fc.float().map(gguf.float32),
  fc.double().map((value) => ({ type: 'float64' as const, value })),
  fc.boolean().map(gguf.bool),
  fc.string({ unit: 'grapheme' }).map(gguf.string),
)
const arrays: fc.Arbitrary<GgufArray> = fc.oneof(
  fc.array(fc.string({ unit: 'binary' })).map(gguf.strings),
  fc.array(fc.integer()).map(gguf.int32s),
  fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 })).map(gguf.uint32s),
  fc.array(fc.float()).map(gguf.float32s),
  fc.array(fc.boolean()).map(gguf.bools),
  fc
    .array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map((value) => ({ type: 'array' as const, of: 'uint64' as const, value })),
)
const nested: fc.Arbitrary<GgufArray> = fc
  .array(arrays)
  .map((value) => ({ type: 'array' as const, of: 'array' as const, value }))

describe('writeGguf', () => {
  it('round-trips every type of metadata', () => {
    const metadata = fc.dictionary(fc.string(), fc.oneof(scalars, arrays, nested), { noNullPrototype: false })
    fc.assert(
      fc.property(metadata, (written) => {
        writeGguf(path, { metadata: withoutAlignment(written), tensors: [] })
        using file = openGguf(path)
        expect(Object.fromEntries(file.metadata)).toEqual(withoutAlignment(written))
      }),
    )
  })

  it('round-trips metadata larger than its chunks', () => {
    const long = 'x'.repeat(200_000)
    const words = Array.from({ length: 30_000 }, (_, at) => `word ${at}`)
    writeGguf(path, {
      metadata: { long: gguf.string(long), words: gguf.strings(words), last: gguf.uint32(1) },
      tensors: [floats('w', 'F32', [2])],
    })
    using file = openGguf(path)
    expect(file.get('long')).toBe(long)
    expect(file.get('words')).toEqual(words)
    expect(file.get('last')).toBe(1)
    expect([...file.readFloats('w')]).toEqual([0, 1])
  })

  it('round-trips tensors in order, aligned as asked', () => {
    const type = fc.constantFrom(...floatTypes)
    // Tolerances for values up to 99, 256 per row.
    const tolerances = { F32: 0, F16: 0, BF16: 0, Q8_0: 0.5, Q6_K: 2, Q4_K: 5, Q4_0: 13 }
    const shapes = fc.array(fc.tuple(type, fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })), {
      maxLength: 6,
    })
    fc.assert(
      fc.property(shapes, fc.constantFrom(undefined, 8, 64, 4096), (list, alignment) => {
        const tensors = list.map(([type, shape], at) => floats(`t${at}`, type, [...shape, 256]))
        const metadata = alignment === undefined ? {} : { 'general.alignment': gguf.uint32(alignment) }
        writeGguf(path, { metadata, tensors })
        using file = openGguf(path)
        expect([...file.tensors.keys()]).toEqual(tensors.map(({ name }) => name))
        for (const { name, type, shape, data } of tensors) {
          const read = file.tensors.get(name)!
          expect(read).toMatchObject({ type, shape })
          expect(read.offset % (alignment ?? 32)).toBe(0)
          const floats = file.readFloats(name)
          ;(data as Float32Array).forEach((value, at) => {
            expect(Math.abs(floats[at]! - value)).toBeLessThanOrEqual(tolerances[type as FloatType])
          })
        }
        expect(file.fileBytes % (alignment ?? 32)).toBe(0)
      }),
    )
  })

  it('copies a file tensor by tensor', () => {
    writeGguf(path, {
      metadata: { a: gguf.uint32(1) },
      tensors: [floats('w', 'Q8_0', [32]), floats('b', 'F32', [5])],
    })
    const copy = join(folder, 'copy.gguf')
    using file = openGguf(path)
    writeGguf(copy, {
      metadata: Object.fromEntries(file.metadata),
      tensors: [...file.tensors.values()].map((tensor) => ({
        ...tensor,
        data: () => file.read(tensor.name),
      })),
    })
    expect(readFileSync(copy)).toEqual(readFileSync(path))
  })

  it.each<[string, string, GgufMetadata]>([
    ['gguf_value_invalid', '"k" holds 1.5, which is no uint32', { k: gguf.uint32(1.5) }],
    ['gguf_value_invalid', 'holds -1, which is no uint32', { k: gguf.uint32(-1) }],
    ['gguf_value_invalid', 'which is no uint64', { k: gguf.uint64(2n ** 64n) }],
    ['gguf_value_invalid', 'which is no int32', { k: gguf.int32s([1, 2 ** 31]) }],
    ['gguf_value_invalid', 'which is no string', { k: gguf.strings([1] as unknown as string[]) }],
    ['gguf_value_invalid', 'holds "x", which is no float32', { k: gguf.float32('x' as unknown as number) }],
    ['gguf_value_invalid', 'unknown type text', { k: { type: 'text', value: 'x' } as unknown as GgufValue }],
    ['gguf_value_invalid', 'power of two', { 'general.alignment': gguf.uint32(24) }],
  ])('refuses metadata with %s: %s', (code, message, metadata) => {
    expect(() => writeGguf(path, { metadata, tensors: [] })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  it.each<[string, TensorSource<GgufTensorType>[]]>([
    ['taken', [floats('a', 'F32', [1]), floats('a', 'F32', [1])]],
    ['over 63 bytes', [floats('é'.repeat(32), 'F32', [1])]],
    ['more than 4 dimensions', [floats('a', 'F32', [1, 1, 1, 1, 1])]],
    ['Q8_0 needs rows of a multiple of 32', [floats('a', 'Q8_0', [32, 8])]],
    ['"a" has the shape [4, 64], but Q4_K needs rows of a multiple of 256', [floats('a', 'Q4_K', [4, 64])]],
    [
      'infinite, NaN or too large',
      [{ ...floats('a', 'Q8_0', [32]), data: new Float32Array(32).fill(Number.NaN) }],
    ],
  ])('refuses a tensor that is %s, and keeps the file that was there', (message, tensors) => {
    writeFileSync(path, 'what was there')
    const before = readdirSync(folder)
    expect(() => writeGguf(path, { metadata: {}, tensors })).toThrow(
      expect.objectContaining({ code: 'tensor_source_invalid', message: expect.stringContaining(message) }),
    )
    expect(readFileSync(path, 'utf8')).toBe('what was there')
    expect(readdirSync(folder)).toEqual(before)
  })
})

describe('describeGguf', () => {
  it('describes a model from its header', () => {
    writeGguf(path, {
      metadata: {
        'general.architecture': gguf.string('llama'),
        'general.name': gguf.string('Nano'),
        'llama.context_length': gguf.uint32(512),
        'llama.embedding_length': gguf.uint32(64),
        'llama.block_count': gguf.uint32(2),
        'tokenizer.ggml.model': gguf.string('gpt2'),
        'tokenizer.ggml.pre': gguf.string('qwen2'),
        'tokenizer.ggml.tokens': gguf.strings(['a', 'b', 'c']),
        'tokenizer.chat_template': gguf.string('{{ messages }}'),
      },
      tensors: [floats('norm', 'F32', [64]), floats('w', 'Q8_0', [10, 64])],
    })
    const { fileBytes, ...description } = describeGguf(path)
    expect(fileBytes).toBe(readFileSync(path).length)
    expect(description).toEqual({
      path,
      version: 3,
      architecture: 'llama',
      name: 'Nano',
      parameterCount: 704,
      contextLength: 512,
      embeddingLength: 64,
      blockCount: 2,
      vocabSize: 3,
      tokenizer: 'gpt2 (qwen2)',
      quantization: 'Q8_0',
      parametersByType: new Map([
        ['Q8_0', 640],
        ['F32', 64],
      ]),
      chatTemplate: '{{ messages }}',
    })
  })

  it('leaves open what the file does not say', () => {
    writeGguf(path, { metadata: {}, tensors: [] })
    expect(describeGguf(path)).toMatchObject({
      architecture: undefined,
      parameterCount: 0,
      quantization: undefined,
    })
  })
})

function floats(name: string, type: GgufTensorType, shape: readonly number[]): TensorSource<GgufTensorType> {
  const length = shape.reduce((a, b) => a * b, 1)
  return { name, type, shape, data: Float32Array.from({ length }, (_, at) => at % 100) }
}

function withoutAlignment(metadata: GgufMetadata): GgufMetadata {
  const { 'general.alignment': _, ...rest } = metadata
  return rest
}
