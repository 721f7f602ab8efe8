import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openOnnx } from '@hadal/engine/onnx'
import { readOnnx } from '@hadal/formats'
import type { ResNetConfig } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  type LabelledImages,
  type RunOptions,
  readImageModel,
  saveImageModel,
  saveImageRun,
  train,
} from '@hadal/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { writeTinyClip } from '../../test/tiny-clip.ts'
import { main } from '../main.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-export-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Class k is bright in quarter k; the rest is noise. */
function quarters(count: number, first: number): LabelledImages {
  const labels = Int32Array.from({ length: count }, (_, index) => (first + index) % 4)
  const pixels = Uint8Array.from({ length: count * 64 }, (_, at) => {
    const quarter = (at % 64 < 32 ? 0 : 2) + (at % 8 < 4 ? 0 : 1)
    return (quarter === labels[Math.floor(at / 64)] ? 150 : 60) + (((at + first) * 7919) % 97)
  })
  return { shape: [1, 8, 8], pixels, labels, normalization: { mean: 0.4, std: [0.25] } }
}

const model: ResNetConfig = {
  model_type: 'resnet',
  block: 'basic',
  blocks: [1, 1, 1, 1],
  width: 4,
  input: { channels: 1, height: 8, width: 8 },
  classes: 4,
  stem: { kernel: 3, stride: 1, pool: false },
}
const classNames = ['north-west', 'north-east', 'south-west', 'south-east']

async function trained(name: string, more: Partial<RunOptions<ResNetConfig>> = {}): Promise<void> {
  const run = defineRun({
    name,
    folder: join(folder, name),
    model,
    data: { train: quarters(96, 0), valid: quarters(256, 1000) },
    batch: { windows: 16, accumulate: 1 },
    schedule: { peak: 0.02, warmupSteps: 2, totalSteps: 40, floorFraction: 0.1 },
    evaluate: { everySteps: 40 },
    checkpoint: { everySteps: 40, keep: 1 },
    ...more,
  })
  await train(run, { listeners: [] })
  saveImageRun(run, { classNames, calibrationRows: 64, heldOutRows: 256 })
}

beforeAll(async () => {
  await trained('plain')
  await trained('learnt', { quantization: { fp32Steps: 20, halfSteps: 4 } })
  await trained('skipped', { quantization: { fp32Steps: 20, halfSteps: 4, skip: ['*'] } })
  writeTinyClip(join(folder, 'towers'))
  mkdirSync(join(folder, 'llama'))
  writeFileSync(join(folder, 'llama/config.json'), '{ "model_type": "llama" }')
  mkdirSync(join(folder, 'bare'))
  const { calibration: _, heldOut: __, ...bare } = readImageModel(join(folder, 'plain/model'))
  saveImageModel(join(folder, 'noise/model'), bare)
})

async function run(...args: string[]) {
  const terminal = recordingTerminal({ folder })
  const code = await main(['export', ...args], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}
const report = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, `${path}.parity.json`), 'utf8'))
const operators = (path: string): Set<string> =>
  new Set(readOnnx(join(folder, path)).graph.nodes.map(({ op }) => op))

describe('hadal export --format onnx', () => {
  it('writes an image model that onnxruntime runs identically, and a parity report', async () => {
    const { code, printed, noted } = await run('plain', '--format', 'onnx', '--out', 'out/plain.onnx')
    expect([code, noted]).toEqual([0, ''])
    expect(printed).toMatch(/onnxruntime against the model +\S+ +100.00 % +100.00 % +\d/)
    expect(printed).toMatch(/read by onnxruntime \S+: the same model, as far as FP32 goes/)
    expect(report('out/plain.onnx')).toMatchObject({
      format: 'onnx',
      precision: 'FP32',
      model: 'plain',
      samples: { count: 256, of: 'held out' },
      verdict: 'pass',
    })
    expect(readFileSync(join(folder, 'out/plain.onnx.parity.md'), 'utf8')).toContain(
      '# plain as ONNX, FP32: pass',
    )
    expect(operators('out/plain.onnx')).toEqual(
      new Set(['Conv', 'Relu', 'Add', 'GlobalAveragePool', 'Flatten', 'Gemm']),
    )
    await using opened = await openOnnx(join(folder, 'out/plain.onnx'))
    expect(opened.metadata).toEqual({
      'hadal.input': JSON.stringify({ shape: [1, 8, 8], scale: 1 / 255, mean: [0.4], std: [0.25] }),
      'hadal.classes': JSON.stringify(classNames),
    })
    expect(opened.inputs).toEqual([{ name: 'input', dtype: 'float32', dims: ['batch', 1, 8, 8] }])
  })

  it.each(['histogram', 'min-max', 'moving-average'])(
    'rounds it to eight bits on its own samples, and shows what that costs (%s)',
    async (observer) => {
      const out = `${observer}.onnx`
      const args = ['--format', 'onnx', '--quantize', 'int8', '--observer', observer, '--out', out]
      const { code, printed } = await run('plain', ...args)
      expect(code).toBe(0)
      expect(printed).toMatch(/the quantized model against fp32 +\S+ +\S+ % +\S+ % +\d/)
      const found = report(out) as { overall: { withinStep: number }; bytes: number; fp32Bytes: number }
      expect(found).toMatchObject({ precision: 'INT8', verdict: 'pass', accuracy: expect.any(Object) })
      expect(found.overall.withinStep).toBeGreaterThan(0.99)
      expect(found.bytes).toBeLessThan(found.fp32Bytes)
      expect(operators(out)).toContain('QuantizeLinear')
    },
  )

  it('writes the ranges that a run has learnt without being asked', async () => {
    const { code, printed, noted } = await run('learnt', '--format', 'onnx', '--out', 'learnt.onnx', '--json')
    expect([code, noted]).toEqual([0, ''])
    expect(JSON.parse(printed)).toMatchObject({ precision: 'INT8', verdict: 'pass', model: 'learnt' })
    const { metadata } = readOnnx(join(folder, 'learnt.onnx'))
    expect(metadata.get('hadal.quantization')).toBe('int8')
    const given = [
      '--quantize',
      'int8',
      '--observer',
      'min-max',
      '--calibration-rows',
      '9',
      '--out',
      'again.onnx',
    ]
    const again = await run('learnt', '--format', 'onnx', ...given)
    expect(again.noted).toContain('--observer min-max is ignored: the model learnt its ranges')
    expect(again.noted).toContain('--calibration-rows 9 is ignored')
    expect(readFileSync(join(folder, 'again.onnx')).equals(readFileSync(join(folder, 'learnt.onnx')))).toBe(
      true,
    )
  })

  it('reports the number of rows when more are requested', async () => {
    const args = ['--format', 'onnx', '--quantize', 'int8', '--calibration-rows', '100', '--out', 'rows.onnx']
    const { code, noted } = await run('plain', ...args)
    expect(code).toBe(0)
    expect(noted).toContain('--calibration-rows 100: the folder has 64; save more with saveImageRun(run, {')
  })

  it.each(['plain/model', 'plain/model/model.safetensors', 'plain/model/config.json'])(
    'does not write over what it reads: %s',
    async (out) => {
      const before = readFileSync(join(folder, 'plain/model/model.safetensors'))
      const { code, noted } = await run('plain', '--format', 'onnx', '--out', out)
      expect([code, noted]).toEqual([2, expect.stringContaining('error[usage]: --out')])
      expect(readFileSync(join(folder, 'plain/model/model.safetensors')).equals(before)).toBe(true)
    },
  )

  it.each(['onnx', 'gguf'])('names a config.json that is no JSON (%s)', async (format) => {
    mkdirSync(join(folder, 'broken'), { recursive: true })
    writeFileSync(join(folder, 'broken/config.json'), '{ "model_type": ')
    const { code, noted } = await run('broken', '--format', format, '--out', 'x')
    expect([code, noted]).toEqual([1, expect.stringContaining('error[nn_checkpoint_json_invalid]')])
    expect(noted).toContain('broken/config.json')
  })

  it('is in fp32 where every layer was skipped, and says so', async () => {
    const { printed, noted } = await run('skipped', '--format', 'onnx', '--out', 'skipped.onnx', '--json')
    expect(JSON.parse(printed)).toMatchObject({ precision: 'FP32', verdict: 'pass' })
    expect(noted).toContain('fc (Linear) stays in fp32: it is skipped')
  })

  it('gives probabilities, under a name of its own, and is proven on noise where there are no samples', async () => {
    const args = ['--format', 'onnx', '--softmax', '--name', 'mine', '--out', 'soft.onnx']
    expect((await run('noise', ...args)).code).toBe(0)
    expect(report('soft.onnx')).toMatchObject({
      model: 'mine',
      samples: { count: 64, of: 'noise' },
      verdict: 'pass',
    })
    const { graph } = readOnnx(join(folder, 'soft.onnx'))
    expect([graph.name, graph.outputs[0]!.name]).toEqual(['mine', 'probabilities'])
  })

  it('fails where the export is another model, and keeps it with the report', async () => {
    // Weights that no fp32 product holds.
    const file = readImageModel(join(folder, 'plain/model'))
    const weights = new Map(
      [...file.weights].map(([name, { shape, values }]) => [
        name,
        { shape, values: name.startsWith('layer4.0.conv') ? values.map((value) => value * 1e25) : values },
      ]),
    )
    saveImageModel(join(folder, 'large/model'), { ...file, weights })
    const { code, noted } = await run('large', '--format', 'onnx', '--out', 'large.onnx')
    expect(code).toBe(1)
    expect(noted).toMatch(/error\[export_differs\]: .*large\.onnx does not match its source model/)
    expect(existsSync(join(folder, 'large.onnx'))).toBe(true)
    expect(report('large.onnx')).toMatchObject({ verdict: 'fail' })
  })

  it.each([
    ['a language model', ['llama', '--format', 'onnx'], 1, 'train_onnx_unsupported'],
    ['is a CLIP model', ['towers', '--format', 'onnx'], 1, 'export_two_towers'],
    ['a run that left no model', ['bare', '--format', 'onnx'], 1, 'export_no_model'],
    [
      'nothing to calibrate with',
      ['noise', '--format', 'onnx', '--quantize', 'int8'],
      1,
      'train_calibration_empty',
    ],
    ['a type', ['plain', '--format', 'onnx', '--type', 'F16'], 2, 'usage'],
    ['an adapter', ['plain', '--format', 'onnx', '--adapter', 'x'], 2, 'usage'],
    [
      'an observer where nothing is rounded',
      ['plain', '--format', 'onnx', '--observer', 'min-max'],
      2,
      'usage',
    ],
    [
      'half a row',
      ['plain', '--format', 'onnx', '--quantize', 'int8', '--calibration-rows', '0.5'],
      2,
      'usage',
    ],
    ['another format of an image model', ['plain', '--format', 'gguf'], 2, 'usage'],
    ['eight bits of another format', ['plain', '--quantize', 'int8'], 2, 'usage'],
  ])('refuses %s', async (_, args, code, error) => {
    const found = await run(...args, '--out', 'x')
    expect([found.code, found.noted]).toEqual([code, expect.stringContaining(`error[${error}]`)])
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })
})
