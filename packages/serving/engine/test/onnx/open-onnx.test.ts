/** ONNX models in this process: inputs and outputs, a run, and invalid files. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OnnxTensor, openOnnx } from '@hadal/engine/onnx'
import { describe, expect, it, onTestFinished } from 'vitest'
import { onnxModel } from './models.ts'

const row = (values: readonly number[], rows = 1): OnnxTensor => ({
  dtype: 'float32',
  dims: [rows, values.length / rows],
  data: Float32Array.from(values),
})

describe('openOnnx', () => {
  it('says what a model takes and gives, and what its file says of it', async () => {
    await using model = await openOnnx(onnxModel('vision'))
    expect(model.inputs).toEqual([{ name: 'input', dtype: 'float32', dims: ['batch', 1, 4, 4] }])
    expect(model.outputs).toEqual([{ name: 'logits', dtype: 'float32', dims: ['batch', 3] }])
    expect(JSON.parse(model.metadata['hadal.classes']!)).toEqual(['shirt', 'boot', 'bag'])
    expect(model.runtimeVersion).toMatch(/^1\./)
  })

  it('computes a file and the same bytes alike, optimised or as written', async () => {
    const input = {
      dtype: 'float32',
      dims: [2, 1, 4, 4],
      data: Float32Array.from({ length: 32 }, Math.sin),
    } as const
    const bytes = readFileSync(onnxModel('vision'))
    const answers: unknown[] = []
    for (const [from, optimize] of [
      [onnxModel('vision'), true],
      [bytes, true],
      [bytes, false],
    ] as const) {
      await using model = await openOnnx(from, { threads: 1, optimize })
      const { logits } = await model.run({ input })
      expect(logits).toMatchObject({ dtype: 'float32', dims: [2, 3] })
      answers.push([...(logits!.data as Float32Array)].map((value) => value.toFixed(5)))
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  it('gives back every type as it came', async () => {
    await using model = await openOnnx(onnxModel('types'))
    const dims = [1, 2]
    const feeds: Record<string, OnnxTensor> = {
      bool: { dtype: 'bool', dims, data: Uint8Array.of(1, 0) },
      uint8: { dtype: 'uint8', dims, data: Uint8Array.of(255, 0) },
      uint16: { dtype: 'uint16', dims, data: Uint16Array.of(65535, 1) },
      uint32: { dtype: 'uint32', dims, data: Uint32Array.of(4294967295, 1) },
      uint64: { dtype: 'uint64', dims, data: BigUint64Array.of(2n ** 64n - 1n, 1n) },
      int8: { dtype: 'int8', dims, data: Int8Array.of(-128, 1) },
      int16: { dtype: 'int16', dims, data: Int16Array.of(-32768, 1) },
      int32: { dtype: 'int32', dims, data: Int32Array.of(-2147483648, 1) },
      int64: { dtype: 'int64', dims, data: BigInt64Array.of(-(2n ** 63n), 1n) },
      float16: { dtype: 'float16', dims, data: Uint16Array.of(0x3c00, 0xfbff) },
      float32: { dtype: 'float32', dims, data: Float32Array.of(1.5, Number.NaN) },
      float64: { dtype: 'float64', dims, data: Float64Array.of(1e300, -0) },
      string: { dtype: 'string', dims, data: ['a', 'späße \u{1f4f7}'] },
    }
    const found = await model.run(feeds)
    for (const [name, tensor] of Object.entries(feeds)) expect(found[`${name}_out`]).toEqual(tensor)
    expect(Object.keys(await model.run(feeds, ['int8_out']))).toEqual(['int8_out'])
  })

  it('takes views that do not lie where elements must', async () => {
    await using model = await openOnnx(onnxModel('single'))
    const { y: expected } = await model.run({ x: row([1, 2, 3]) })
    const shifted = new Float32Array(5)
    shifted.set([1, 2, 3], 1)
    const { y } = await model.run({ x: { ...row([1, 2, 3]), data: shifted.subarray(1, 4) } })
    expect(y).toEqual(expected)
  })

  it('refuses tensors that a model does not take, in its own words', async () => {
    await using model = await openOnnx(onnxModel('single'))
    const refused = async (feeds: Record<string, OnnxTensor>, outputs?: string[]): Promise<unknown> =>
      model.run(feeds, outputs).catch((error: unknown) => error)
    expect(await refused({})).toMatchObject({
      code: 'tensor_invalid',
      message: expect.stringContaining('missing'),
    })
    expect(await refused({ z: row([1]) })).toMatchObject({
      message: 'tensor "z" is no input of the model, which takes x',
    })
    expect(await refused({ x: row([1, 2]) })).toMatchObject({
      message: 'tensor "x" has the shape [1, 2], and the model takes [1, 3]',
    })
    expect(
      await refused({ x: { dtype: 'float64', dims: [1, 3], data: Float64Array.of(1, 2, 3) } }),
    ).toMatchObject({
      message: 'tensor "x" is of float64, and the model takes float32',
    })
    expect(await refused({ x: { ...row([1, 2, 3]), data: Float32Array.of(1) } })).toMatchObject({
      message: 'tensor "x" has 1 elements, where [1, 3] has 3',
    })
    expect(await refused({ x: row([1, 2, 3]) }, ['q'])).toMatchObject({
      message: 'tensor "q" is no output of the model',
    })
  })

  it('reports inputs that the runtime rejects', async () => {
    await using model = await openOnnx(onnxModel('lookup'))
    const index: OnnxTensor = { dtype: 'int64', dims: [1], data: BigInt64Array.of(9n) }
    await expect(model.run({ index })).rejects.toMatchObject({ code: 'inference_failed', status: 400 })
  })

  it('reports files that are not models, and models that are not supported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hadal-onnx-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const text = join(folder, 'text.onnx')
    writeFileSync(text, 'no model at all')
    const cut = join(folder, 'cut.onnx')
    writeFileSync(cut, readFileSync(onnxModel('vision')).subarray(0, 300))
    for (const path of [text, cut])
      await expect(openOnnx(path)).rejects.toMatchObject({
        code: 'onnx_model_unusable',
        message: `cannot serve ${path}: it is no ONNX model, or a damaged one`,
      })
    const empty = join(folder, 'empty.onnx')
    writeFileSync(empty, '')
    await expect(openOnnx(empty)).rejects.toMatchObject({
      code: 'onnx_model_unusable',
      message: `cannot serve ${empty}: ModelProto does not have a graph.`,
    })
    await expect(openOnnx(onnxModel('unknown-operator'))).rejects.toMatchObject({
      code: 'onnx_model_unusable',
      message: expect.stringContaining('No Op registered for Levitate'),
    })
    await expect(openOnnx(onnxModel('bfloat16'))).rejects.toMatchObject({
      code: 'onnx_model_unusable',
      message: expect.stringContaining('does not carry: bfloat16'),
    })
  })
})
