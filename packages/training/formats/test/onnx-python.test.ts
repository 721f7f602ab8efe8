/** Our ONNX models read by the official package, and its models read by us. Runs where Debian's python3-onnx is installed. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodeOnnx,
  encodeOnnx,
  GraphBuilder,
  onnxFloats,
  onnxIntegers,
  onnxTensor,
  readOnnx,
  writeOnnx,
} from '@hadal/formats'
import { afterAll, describe, expect, it } from 'vitest'

function python(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program, ...args], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr ?? 'there is no python3')
  return stdout
}

function installed(): boolean {
  try {
    python('import onnx')
    return true
  } catch {
    return false
  }
}
const isThere = installed()
if (!isThere) console.warn('skipped, the official package of ONNX: apt-get install python3-onnx')

describe.skipIf(!isThere)('the official package of ONNX', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-onnx-python-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'model.onnx')

  it('writes tensors of every type, as bytes and as numbers, which are read alike and written again byte for byte', () => {
    python(
      `
import sys
import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper
values = [-2, -1, 0, 1, 3, 7]
tensors = []
for name in ['FLOAT', 'DOUBLE', 'FLOAT16', 'BFLOAT16', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'BOOL', 'INT4', 'UINT4']:
    kind = getattr(T, name)
    of = [abs(v) for v in values] if name[0] == 'U' else values
    if name == 'BOOL':
        of = [v > 0 for v in values]
    typed = h.make_tensor(name, kind, [2, 3], of)
    raw = onnx.TensorProto()
    raw.CopyFrom(typed)
    array = numpy_helper.to_array(typed)
    if name not in ('BFLOAT16', 'INT4', 'UINT4'):
        raw = numpy_helper.from_array(array, name + '_raw')
        tensors.append(raw)
    tensors.append(typed)
tensors.append(h.make_tensor('STRING', T.STRING, [2], ['a', 'b']))
x = h.make_tensor_value_info('x', T.FLOAT, ['n', 3, None])
s = h.make_tensor_sequence_value_info('s', T.FLOAT, None)
inner = h.make_graph([h.make_node('Identity', ['x'], ['y'])], 'inner', [], [h.make_tensor_value_info('y', T.FLOAT, None)])
node = h.make_node('Op', ['x', '', 'INT8'], ['y'], 'node', 'doc', 'my.domain', f=0.1, i=-5, s='text', b=b'\\xff', fs=[1.5, 2.5], n=[-1, 2], ss=['a', 'b'], g=inner, t=tensors[0], gs=[inner, inner])
graph = h.make_graph([node], 'graph', [x, s], [h.make_tensor_value_info('y', T.FLOAT, [])], tensors, 'about it', [x])
model = h.make_model(graph, opset_imports=[h.make_opsetid('', 17), h.make_opsetid('my.domain', 3)], ir_version=8, producer_name='p', producer_version='1', domain='d', model_version=-7, doc_string='doc')
h.set_model_props(model, {'a': 'b', 'é': ''})
onnx.save(model, sys.argv[1])
plain = onnx.ModelProto()
plain.CopyFrom(model)
del plain.graph.initializer[:]
del plain.graph.input[1:]
open(sys.argv[1] + '.plain', 'wb').write(plain.SerializeToString(deterministic=True))
`,
      path,
    )
    const { graph, metadata, opsets, modelVersion } = readOnnx(path)
    expect([...metadata]).toEqual([
      ['a', 'b'],
      ['é', ''],
    ])
    expect(opsets).toEqual([
      { domain: '', version: 17 },
      { domain: 'my.domain', version: 3 },
    ])
    expect(modelVersion).toBe(-7n)
    const numbers = (name: string): number[] => {
      const tensor = graph.initializers.find((each) => each.name === name)!
      const isFloat = ['float32', 'float64', 'float16', 'bfloat16'].includes(tensor.type)
      return Array.from(isFloat ? onnxFloats(tensor) : onnxIntegers(tensor), Number)
    }
    const signed = [-2, -1, 0, 1, 3, 7]
    for (const name of ['FLOAT', 'DOUBLE', 'FLOAT16', 'INT8', 'INT16', 'INT32', 'INT64'])
      expect([name, numbers(name), numbers(`${name}_raw`)]).toEqual([name, signed, signed])
    expect(numbers('BFLOAT16')).toEqual(signed)
    for (const name of ['UINT8', 'UINT16', 'UINT32', 'UINT64'])
      expect([name, numbers(name), numbers(`${name}_raw`)]).toEqual([
        name,
        signed.map(Math.abs),
        signed.map(Math.abs),
      ])
    expect([numbers('BOOL'), numbers('BOOL_raw')]).toEqual([
      [0, 0, 0, 1, 1, 1],
      [0, 0, 0, 1, 1, 1],
    ])
    const byName = new Map(graph.initializers.map((each) => [each.name, each]))
    expect(byName.get('INT4')).toMatchObject({ type: 'int4', data: Uint8Array.of(0xfe, 0x10, 0x73) })
    expect(byName.get('STRING')).toMatchObject({ type: 'string', data: ['a', 'b'] })
    expect(graph.inputs).toEqual([
      { name: 'x', type: { element: 'float32', shape: ['n', 3, undefined] } },
      { name: 's' },
    ])
    const [node] = graph.nodes
    expect(node).toMatchObject({ op: 'Op', inputs: ['x', '', 'INT8'], domain: 'my.domain', docString: 'doc' })
    expect(node!.attributes.get('f')).toEqual({ type: 'float', value: Math.fround(0.1) })
    expect(node!.attributes.get('n')).toEqual({ type: 'ints', value: [-1n, 2n] })
    expect(node!.attributes.get('b')).toEqual({ type: 'string', value: Uint8Array.of(255) })

    const plain = new Uint8Array(readFileSync(`${path}.plain`))
    const again = encodeOnnx(decodeOnnx(plain))
    const same = python(
      `
import sys, onnx
ours, theirs = [onnx.ModelProto.FromString(bytes.fromhex(x)) for x in sys.argv[1:]]
for m in (ours, theirs):
    for t in [m.graph.node[0].attribute[i].t for i in range(len(m.graph.node[0].attribute))]:
        if len(t.dims):
            t.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(t), t.name))
print(ours.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True))
`,
      Buffer.from(again).toString('hex'),
      Buffer.from(plain).toString('hex'),
    )
    expect(same.trim()).toBe('True')
  })

  it('checks what we write, infers its shapes, and has its bytes when it writes it again', () => {
    const graph = new GraphBuilder('graph')
    const x = graph.input('x', 'float32', ['batch', 2])
    const w = graph.initializer('w', 'float32', [3, 2], [1, 2, 3, 4, 5, 6])
    const b = graph.initializer('b', 'float16', [3], [0.5, -1, 2])
    const cast = graph.node('Cast', [b], { attributes: { to: 1 } })
    const y = graph.node('Gemm', [x, w, cast], { attributes: { transB: 1, alpha: { float: 2 } }, name: 'y' })
    const axes = graph.node('Constant', [], { attributes: { value: onnxTensor('', 'int64', [1], [1]) } })
    graph.output(graph.node('Unsqueeze', [y, axes], { name: 'z' }), 'float32', ['batch', 1, 3])
    const model = {
      irVersion: 8,
      opsets: [{ domain: '', version: 17 }],
      producerName: 'hadal',
      graph: graph.build(),
      metadata: new Map([['key', 'value']]),
    }
    writeOnnx(path, model)
    const found = python(
      `
import sys, json, onnx
data = open(sys.argv[1], 'rb').read()
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
shapes = {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in inferred.graph.value_info}
print(json.dumps([model.SerializeToString(deterministic=True) == data, shapes, onnx.numpy_helper.to_array(model.graph.initializer[1]).tolist()]))
`,
      path,
    )
    expect(JSON.parse(found)).toEqual([true, { cast: [3], y: ['batch', 3], constant: [1] }, [0.5, -1, 2]])
  })
})
