import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { decodeOnnx } from './decode-onnx.ts'
import { encodeOnnx } from './encode-onnx.ts'
import { GraphBuilder } from './graph-builder.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxTensor } from './model.ts'
import { readOnnx, writeOnnx } from './onnx-file.ts'
import { onnxFloats, onnxIntegers, onnxTensor } from './tensor-values.ts'
import { WireWriter } from './wire-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

const text = fc.string({ unit: 'grapheme', maxLength: 8 })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const float = fc.float({ noNaN: true })
const tensor: fc.Arbitrary<OnnxTensor> = fc
  .tuple(text, fc.array(fc.nat(3), { maxLength: 3 }), fc.nat(5))
  .chain(([name, shape, kind]) => {
    const count = shape.reduce((product, size) => product * size, 1)
    const list = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
      fc.array(each, { minLength: count, maxLength: count })
    const external = fc.record({ location: fc.constant('w.bin'), offset: fc.nat(), length: fc.nat() })
    return [
      list(float).map((values) => onnxTensor(name, 'float32', shape, values)),
      list(fc.integer({ min: -128, max: 127 })).map((values) => onnxTensor(name, 'int8', shape, values)),
      list(int64).map((values) => onnxTensor(name, 'int64', shape, values)),
      list(fc.boolean()).map((values) => onnxTensor(name, 'bool', shape, values.map(Number))),
      list(text).map((data) => ({ name, type: 'string' as const, shape, data })),
      external.map((data) => ({ name, type: 'float16' as const, shape, data })),
    ][kind]!
  })
const attribute = (graph: fc.Arbitrary<OnnxGraph>): fc.Arbitrary<OnnxAttribute> =>
  fc.oneof(
    float.map((value) => ({ type: 'float' as const, value })),
    int64.map((value) => ({ type: 'int' as const, value })),
    fc.oneof(text, fc.constant(Uint8Array.of(255, 0))).map((value) => ({ type: 'string' as const, value })),
    fc.array(float).map((value) => ({ type: 'floats' as const, value })),
    fc.array(int64).map((value) => ({ type: 'ints' as const, value })),
    fc.array(text).map((value) => ({ type: 'strings' as const, value })),
    tensor.map((value) => ({ type: 'tensor' as const, value })),
    fc.array(tensor, { maxLength: 2 }).map((value) => ({ type: 'tensors' as const, value })),
    graph.map((value) => ({ type: 'graph' as const, value })),
    fc.array(graph, { maxLength: 2 }).map((value) => ({ type: 'graphs' as const, value })),
  )
const valueInfo = fc.record(
  {
    name: text,
    type: fc.record(
      {
        element: fc.constantFrom('float32' as const, 'uint8' as const, 'string' as const),
        shape: fc.array(fc.oneof(fc.nat(), fc.string({ minLength: 1 }), fc.constant(undefined)), {
          maxLength: 4,
        }),
      },
      { requiredKeys: ['element'] },
    ),
    docString: text,
  },
  { requiredKeys: ['name'] },
)
const someGraph = (depth: number): fc.Arbitrary<OnnxGraph> =>
  fc.record(
    {
      name: text,
      nodes: fc.array(
        fc.record(
          {
            op: fc.string({ minLength: 1 }),
            name: text,
            domain: text,
            inputs: fc.array(text),
            outputs: fc.array(text),
            attributes: fc
              .uniqueArray(text, { maxLength: depth === 0 ? 0 : 3 })
              .chain((names) =>
                fc
                  .tuple(...names.map(() => attribute(someGraph(depth - 1))))
                  .map((values) => new Map(names.map((name, at) => [name, values[at]!] as const))),
              ),
            docString: text,
          },
          { requiredKeys: ['op', 'name', 'domain', 'inputs', 'outputs', 'attributes'] },
        ),
        { maxLength: 3 },
      ),
      initializers: fc.array(tensor, { maxLength: 3 }),
      inputs: fc.array(valueInfo, { maxLength: 2 }),
      outputs: fc.array(valueInfo, { maxLength: 2 }),
      valueInfo: fc.array(valueInfo, { maxLength: 2 }),
      docString: text,
    },
    { requiredKeys: ['name', 'nodes', 'initializers', 'inputs', 'outputs', 'valueInfo'] },
  )
const model: fc.Arbitrary<OnnxModel> = fc.record(
  {
    irVersion: fc.nat(20),
    opsets: fc.array(fc.record({ domain: text, version: fc.nat() }), { maxLength: 2 }),
    graph: someGraph(2),
    metadata: fc.dictionary(text, text).map((entries) => new Map(Object.entries(entries))),
    producerName: text,
    producerVersion: text,
    domain: text,
    modelVersion: int64,
    docString: text,
  },
  { requiredKeys: ['irVersion', 'opsets', 'graph', 'metadata'] },
)

/** y = x W + b with a Constant and a nested graph, so that every message is there. */
function small(): OnnxModel {
  const graph = new GraphBuilder('small')
  const x = graph.input('x', 'float32', ['batch', 2])
  const w = graph.initializer('w', 'float32', [2, 3], [1, 2, 3, 4, 5, 6])
  const y = graph.node('Gemm', [x, w], { attributes: { alpha: { float: 0.5 }, transB: 0 }, name: 'y' })
  const c = graph.node('Constant', [], { attributes: { value: onnxTensor('c', 'int8', [2], [-1, 1]) } })
  graph.node('Cast', [c], { attributes: { to: 1, pads: [1, 2], list: { floats: [0.25] }, mode: 'linear' } })
  graph.output(y, 'float32', ['batch', 3])
  const built = graph.build()
  const nested = { ...built, name: 'nested', nodes: [built.nodes[0]!] }
  const node = { op: 'If', name: '', domain: '', inputs: ['x'], outputs: ['z'] }
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: 17 }],
    metadata: new Map([['a', 'b']]),
    graph: {
      ...built,
      nodes: [
        ...built.nodes,
        { ...node, attributes: new Map([['then_branch', { type: 'graph', value: nested }]]) },
      ],
    },
  }
}

const code = (code: string, message = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('an ONNX model', () => {
  it('is the same when it was written and read again, and reads the same bytes again', () => {
    fc.assert(
      fc.property(model, (written) => {
        const bytes = encodeOnnx(written)
        const read = decodeOnnx(bytes)
        expect(read).toEqual(written)
        expect(encodeOnnx(read)).toEqual(bytes)
      }),
      { numRuns: 80 },
    )
  })

  it('is a file, or keeps the one that was there', () => {
    const path = join(folder, 'small.onnx')
    expect(writeOnnx(path, small())).toBe(encodeOnnx(small()).length)
    expect(readOnnx(path)).toEqual(small())
    expect(() => readOnnx(join(folder, 'none'))).toThrow(code('tensor_file_unreadable'))
    const [broken] = small().graph.initializers
    const graph = { ...small().graph, initializers: [{ ...broken!, shape: [7] }] }
    expect(() => writeOnnx(path, { ...small(), graph })).toThrow(
      code('onnx_tensor_invalid', '[7] of float32 want 28'),
    )
    expect(readOnnx(path)).toEqual(small())
    expect(readdirSync(folder)).toEqual(['small.onnx'])
    writeFileSync(path, 'GGUF')
    expect(() => readOnnx(path)).toThrow(code('onnx_invalid', path))
  })

  it('survives any damage with a coded error or a consistent reading', () => {
    const valid = encodeOnnx(small())
    const damage = fc.oneof(
      fc.nat(valid.length - 1).map((length) => valid.subarray(0, length)),
      fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte)),
      fc
        .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(7)), { minLength: 1, maxLength: 4 })
        .map((bits) => bits.reduce((bytes, [at, bit]) => bytes.with(at, bytes[at]! ^ (1 << bit)), valid)),
      fc
        .tuple(fc.nat(valid.length), fc.uint8Array({ minLength: 1, maxLength: 12 }))
        .map(
          ([at, more]) => new Uint8Array(Buffer.concat([valid.subarray(0, at), more, valid.subarray(at)])),
        ),
      fc.uint8Array({ maxLength: 64 }),
    )
    let read = 0
    fc.assert(
      fc.property(damage, (bytes) => {
        try {
          const found = decodeOnnx(bytes)
          for (const each of found.graph.initializers) if (each.type === 'float32') onnxFloats(each)
          read += 1
        } catch (error) {
          expect(['onnx_invalid', 'onnx_limit', 'onnx_external_data']).toContain(
            (error as { code?: string }).code,
          )
        }
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(0)
  })

  const message = (field: number, inner: Uint8Array): Uint8Array =>
    new WireWriter().bytes(field, inner).finish()
  const graphOf = (inner: Uint8Array): Uint8Array => new WireWriter().int(1, 8).bytes(7, inner).finish()
  const tensorOf = (write: (w: WireWriter) => WireWriter): Uint8Array =>
    graphOf(message(5, write(new WireWriter()).finish()))

  it.each<[string, Uint8Array, string, string]>([
    ['an empty file', new Uint8Array(0), 'onnx_invalid', 'ir_version is missing'],
    ['no graph', new WireWriter().int(1, 8).finish(), 'onnx_invalid', 'has no graph'],
    ['two graphs', new WireWriter().int(1, 8).text(7, '').text(7, '').finish(), 'onnx_invalid', 'twice'],
    ['field 0', Uint8Array.of(0, 0), 'onnx_invalid', 'the field number 0'],
    ['a group', Uint8Array.of(0x0b), 'onnx_invalid', 'has the wire type 3'],
    ['a number without end', new Uint8Array(20).fill(0x80).with(0, 8), 'onnx_invalid', 'more than ten bytes'],
    ['a number that is cut', Uint8Array.of(8, 0x80), 'onnx_invalid', 'at byte 0: a number goes beyond'],
    [
      'a length of 2^63',
      Uint8Array.of(0x3a, ...new Array<number>(9).fill(0xff), 1),
      'onnx_invalid',
      'bytes, and 0 are left',
    ],
    [
      'text for a number',
      new WireWriter().text(1, 'x').finish(),
      'onnx_invalid',
      'has the wire type 2, not 0',
    ],
    ['a negative version', new WireWriter().int(1, -1).finish(), 'onnx_invalid', 'ir_version is -1'],
    ['no UTF-8', graphOf(new WireWriter().bytes(2, Uint8Array.of(255)).finish()), 'onnx_invalid', 'no UTF-8'],
    ['a node of nothing', graphOf(message(1, new Uint8Array(0))), 'onnx_invalid', 'has no operator'],
    [
      'element type 99',
      tensorOf((w) => w.int(2, 99).text(8, 't')),
      'onnx_invalid',
      'tensor "t" has the element type 99',
    ],
    ['a negative size', tensorOf((w) => w.int(1, -1).int(2, 1)), 'onnx_invalid', 'a size is -1'],
    [
      'an impossible shape',
      tensorOf((w) =>
        w
          .int(1, 2 ** 40)
          .int(1, 2 ** 40)
          .int(2, 1),
      ),
      'onnx_invalid',
      'impossible shape',
    ],
    [
      'more sizes than an error says',
      tensorOf((w) => w.bytes(1, new Uint8Array(5000).fill(2)).int(2, 1)),
      'onnx_invalid',
      'impossible shape [2,2,2,2,2,2,2,2, and 4992 more]',
    ],
    [
      'too few bytes',
      tensorOf((w) => w.int(1, 2).int(2, 1).bytes(9, new Uint8Array(4))),
      'onnx_invalid',
      'has 4 bytes, and its shape and type want 8',
    ],
    [
      'too few texts',
      tensorOf((w) => w.int(1, 2).int(2, 8).text(6, 'a')),
      'onnx_invalid',
      'has 1 texts of 2',
    ],
    [
      'half a float',
      tensorOf((w) => w.int(2, 1).bytes(4, new Uint8Array(3))),
      'onnx_invalid',
      'ends within a value',
    ],
    [
      'another file, and not which',
      tensorOf((w) => w.int(2, 1).int(14, 1)),
      'onnx_invalid',
      'no location says which',
    ],
    [
      'an attribute twice',
      graphOf(
        message(
          1,
          new WireWriter()
            .text(4, 'A')
            .bytes(5, message(1, Uint8Array.of(97)))
            .bytes(5, message(1, Uint8Array.of(97)))
            .finish(),
        ),
      ),
      'onnx_invalid',
      '"a" stands there twice',
    ],
    [
      'an attribute without its tensor',
      graphOf(
        message(
          1,
          new WireWriter()
            .text(4, 'A')
            .message(5, (w) => w.text(1, 'a').int(20, 4))
            .finish(),
        ),
      ),
      'onnx_invalid',
      'has no tensor',
    ],
  ])('refuses %s', (_what, bytes, error, reason) => {
    expect(() => decodeOnnx(bytes)).toThrow(code(error, reason))
  })

  it('ends what nests without end, and what is small in the file and large in memory', () => {
    let nested = new WireWriter().text(2, 'g').finish()
    for (let depth = 0; depth < 400; depth += 1) {
      const attribute = new WireWriter().bytes(6, nested).int(20, 5).finish()
      nested = message(1, new WireWriter().text(4, 'If').bytes(5, attribute).finish())
    }
    expect(() => decodeOnnx(graphOf(nested))).toThrow(
      code('onnx_limit', 'has 101 messages within messages; the limit is 100'),
    )
    const many = new Uint8Array(
      Buffer.concat(Array.from({ length: 3000 }, () => message(11, new Uint8Array(0)))),
    )
    expect(decodeOnnx(graphOf(many)).graph.inputs).toHaveLength(3000)
    expect(() => decodeOnnx(graphOf(many), { limits: { items: 1000 } })).toThrow(
      code('onnx_limit', '1001 messages'),
    )
    expect(() => decodeOnnx(graphOf(many), { source: 'it', limits: { bytes: 10 } })).toThrow(
      code('onnx_limit', 'it has'),
    )
  })

  it('is read where fields stand that are not known', () => {
    const more = new WireWriter().int(3000, 7).float(99, 1).bytes(77, Uint8Array.of(1, 2)).finish()
    const bytes = new Uint8Array(
      Buffer.concat([encodeOnnx(small()), more, Uint8Array.of(0xf9, 0x06), new Uint8Array(8)]),
    )
    expect(decodeOnnx(bytes)).toEqual(small())
  })

  it('keeps an attribute that is not read by its number, and does not write it', () => {
    const node = new WireWriter()
      .text(4, 'Op')
      .message(5, (w) => w.text(1, 'sparse').int(20, 11))
      .finish()
    const read = decodeOnnx(graphOf(message(1, node)))
    expect(read.graph.nodes[0]!.attributes.get('sparse')).toEqual({ type: 'unknown', id: 11 })
    expect(() => encodeOnnx(read)).toThrow(code('onnx_graph_invalid', 'node "Op" has the attribute "sparse"'))
  })
})

describe('a tensor', () => {
  it('has its numbers back, rounded as its type does', () => {
    expect([...onnxFloats(onnxTensor('t', 'float16', [2], [1 / 3, -65504]))]).toEqual([
      0.333251953125, -65504,
    ])
    expect([...onnxFloats(onnxTensor('t', 'bfloat16', [1], [1 / 3]))]).toEqual([0.333984375])
    expect([...onnxFloats(onnxTensor('t', 'float64', [1], [0.5]))]).toEqual([0.5])
    const limits = {
      int8: [-128, 127],
      uint8: [0, 255],
      int16: [-32768, 32767],
      uint32: [0, 2 ** 32 - 1],
    } as const
    for (const [type, values] of Object.entries(limits))
      expect([...onnxIntegers(onnxTensor('t', type as keyof typeof limits, [2], values))]).toEqual(values)
    expect([...onnxIntegers(onnxTensor('t', 'int64', [2], [-5, 2 ** 40]))]).toEqual([-5n, 2n ** 40n])
  })

  it.each<[string, () => unknown, string, string]>([
    [
      'more values than its shape',
      () => onnxTensor('t', 'int8', [2], [1]),
      'onnx_tensor_invalid',
      '"t" has 1 bytes',
    ],
    ['a size below zero', () => onnxTensor('t', 'int8', [-1], []), 'onnx_tensor_invalid', '-1 is no size'],
    [
      'a number beyond its type',
      () => onnxTensor('t', 'int8', [1], [128]),
      'onnx_tensor_invalid',
      'holds 128, which is no int8',
    ],
    ['half a whole number', () => onnxTensor('t', 'int32', [1], [0.5]), 'onnx_tensor_invalid', 'holds 0.5'],
    [
      'whole numbers as floats',
      () => onnxFloats(onnxTensor('t', 'int8', [1], [1])),
      'onnx_tensor_invalid',
      'is int8, and is read as floats',
    ],
    [
      'floats as whole numbers',
      () => onnxIntegers(onnxTensor('t', 'float32', [1], [1])),
      'onnx_tensor_invalid',
      'read as whole',
    ],
    [
      'values elsewhere',
      () => onnxFloats({ name: 't', type: 'float32', shape: [1], data: { location: 'w.bin', offset: 0 } }),
      'onnx_external_data',
      '"w.bin"',
    ],
    [
      'text as bytes',
      () => onnxFloats({ name: 't', type: 'float32', shape: [1], data: ['x'] }),
      'onnx_tensor_invalid',
      'read as numbers',
    ],
  ])('refuses %s', (_what, make, error, reason) => {
    expect(make).toThrow(code(error, reason))
  })
})

describe('a graph that is built', () => {
  it('gives names to what has none, and refuses what does not hang together', () => {
    const graph = new GraphBuilder('g')
    const x = graph.input('x', 'float32', ['batch'])
    expect([
      graph.node('Relu', [x]),
      graph.node('Relu', [x]),
      graph.node('Relu', [x], { name: 'x' }),
    ]).toEqual(['relu', 'relu_1', 'x_1'])
    expect(() => graph.node('Add', [x, 'w'])).toThrow(code('onnx_graph_invalid', 'node Add reads "w"'))
    expect(() => graph.initializer('x', 'int8', [], [1])).toThrow(code('onnx_graph_invalid', '"x" is taken'))
    expect(() => graph.input('', 'int8', [])).toThrow(code('onnx_graph_invalid', 'is empty'))
    expect(() => graph.build()).toThrow(code('onnx_graph_invalid', 'has no output'))
    expect(() => graph.output('y', 'float32', [])).toThrow(code('onnx_graph_invalid', '"y" is not there'))
  })
})
