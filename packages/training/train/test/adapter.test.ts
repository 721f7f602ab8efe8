/** Adapters end to end: trained, resumed, exported, read back, merged; compared with PyTorch. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createModel,
  type DecoderConfig,
  generateGreedily,
  initializeDecoder,
  LoraAdapters,
  loadParameters,
  loraDefaults,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import {
  defineRun,
  exportPeft,
  fromHost,
  mergedWeights,
  newestWeights,
  type RunOptions,
  readCheckpoint,
  readPeft,
  type TrainListener,
  train,
  type Weights,
} from '@hadal/train'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hasTorch } from '../../nn/test/reference/torch-installed.ts'
import { expectClose } from '../../tensor/test/expect-close.ts'
import { tinyOptions } from './tiny-run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-adapter-'))
afterAll(() => rmSync(root, { recursive: true }))

let base: Weights
const adapter = { rank: 4, alpha: 8 }
const options = (name: string, stopAt?: number): RunOptions => ({
  ...tinyOptions(join(root, name)),
  startFrom: base,
  adapter,
  schedule: { peak: 0.02, warmupSteps: 2, totalSteps: stopAt ?? 24, floorFraction: 0.5 },
  clipNorm: 10,
})
const model = tinyOptions('').model as DecoderConfig

beforeAll(async () => {
  const first = {
    ...tinyOptions(join(root, 'base')),
    schedule: { ...tinyOptions('').schedule, totalSteps: 8 },
  }
  await train(defineRun(first))
  base = newestWeights(first.folder)
})

/** Logits [1, 6, v] of a model with these weights, and with an adapter. */
function logits(weights: Weights, beside?: Weights): number[] {
  return scope(() => {
    const built = createModel(model)
    loadParameters(built.parameters(), fromHost(weights))
    if (beside) {
      const adapters = new LoraAdapters(built, { ...loraDefaults, ...adapter }, 'float32')
      loadParameters(adapters.parameters(), fromHost(beside))
    }
    return noGrad(() => [
      ...(built
        .forward(torch.tensor([[1, 2, 3, 4, 5, 6]], { dtype: 'int64' }))
        .toTypedArray() as Float32Array),
    ])
  })
}

it('trains adapters alone, keeps nothing else, and resumes to the bit', async () => {
  const held: number[] = []
  const whole = defineRun(options('whole'))
  const listen: TrainListener = (event) => {
    if (event.type === 'evaluated') held.push(event.loss)
  }
  const { validLoss } = await train(whole, { listeners: [listen] })
  expect(validLoss!).toBeLessThan(held[0]! - 0.1)
  const trained = newestWeights(whole.folder)
  expect([...trained.keys()].every((name) => /\.lora_[AB]\.weight$/.test(name))).toBe(true)
  expect(trained.size).toBe(2 * 7 * 2)

  const parts = defineRun(options('parts'))
  const stop: TrainListener = (event, control) => {
    if (event.type === 'step' && event.step === 7) control.stop('enough')
  }
  await train(parts, { listeners: [stop] })
  expect((await train(parts)).validLoss).toBe(validLoss)
  const at = (folder: string) => readCheckpoint(join(folder, 'checkpoints/step-000000024.safetensors'))
  expect(at(parts.folder)).toEqual(at(whole.folder))
})

it('comes back from the layout of PEFT to the bit, and merged gives the same logits', () => {
  const weights = newestWeights(join(root, 'whole'))
  const folder = join(root, 'peft')
  exportPeft(folder, { weights, adapter, baseModel: 'tiny' })
  const read = readPeft(folder)
  expect(read.weights).toEqual(weights)
  expect(read).toMatchObject({ adapter, baseModel: 'tiny' })
  const beside = logits(base, weights)
  expectClose(logits(mergedWeights(base, read)), beside, { roundings: 500 })
  expect(logits(base)).not.toEqual(beside)
})

it.skipIf(!hasTorch())('computes what PyTorch computes from the exported files', () => {
  const script = `
import json, sys, numpy as np, torch
folder, out = sys.argv[1], sys.argv[2]
raw = open(folder + '/adapter_model.safetensors', 'rb').read()
size = int.from_bytes(raw[:8], 'little'); header = json.loads(raw[8:8 + size]); header.pop('__metadata__')
def tensor(name):
    entry = header[name]; begin, end = entry['data_offsets']
    return torch.from_numpy(np.frombuffer(raw[8 + size + begin:8 + size + end], dtype=np.float32).copy()).reshape(entry['shape'])
config = json.load(open(folder + '/adapter_config.json'))
assert config['peft_type'] == 'LORA' and config['modules_to_save'] is None, config
module = 'base_model.model.model.layers.1.self_attn.q_proj'
a, b = tensor(module + '.lora_A.weight'), tensor(module + '.lora_B.weight')
x = torch.arange(a.shape[1], dtype=torch.float32) / 10
json.dump(((x @ a.T) @ b.T * (config['lora_alpha'] / config['r'])).tolist(), open(out, 'w'))
`
  const out = join(root, 'product.json')
  execFileSync('/usr/bin/python3', ['-c', script, join(root, 'peft'), out])
  const reference = JSON.parse(readFileSync(out, 'utf8')) as number[]
  scope(() => {
    const built = createModel(model)
    loadParameters(built.parameters(), fromHost(base))
    const { qProj } = built.model.layers[1]!.selfAttn as { qProj: { forward(x: Tensor): Tensor } }
    const x = torch.arange(16).float().div(10)
    const before = noGrad(() => qProj.forward(x))
    const adapters = new LoraAdapters(built, { ...loraDefaults, ...adapter }, 'float32')
    loadParameters(adapters.parameters(), fromHost(newestWeights(join(root, 'whole'))))
    const difference = noGrad(() => qProj.forward(x).sub(before))
    expectClose(difference, reference, { roundings: 100, scale: before.norm().item() as number })
  })
})

it('changes nothing at first, and can draw again', () => {
  scope(() => {
    manualSeed(1)
    const built = createModel(model)
    loadParameters(built.parameters(), fromHost(base))
    const say = () => generateGreedily(built, [1, 2, 3], { maxTokens: 4, stop: new Set() })
    const before = say()
    const adapters = new LoraAdapters(built, { ...loraDefaults, ...adapter, rankStabilized: true }, 'float32')
    expect(say()).toEqual(before)
    expect(adapters.parameters().size).toBe(28)
    expect(() => new LoraAdapters(built, { ...loraDefaults, targets: ['nothing'] }, 'float32')).toThrow(
      expect.objectContaining({ code: 'nn_weights_mismatch' }),
    )
  })
})

it('adapts an untied head', () => {
  scope(() => {
    const built = createModel({ ...model, tie_word_embeddings: false })
    initializeDecoder(built.parameters(), 2)
    const ids = torch.tensor([[1, 2, 3]], { dtype: 'int64' })
    const adapters = new LoraAdapters(built, { ...loraDefaults, targets: ['lm_head'] }, 'float32')
    const parameters = [...adapters.parameters().values()]
    const before = built.forward(ids)
    expect(grad(before.sum(), parameters)).toHaveLength(2)
    noGrad(() => parameters[1]!.fill_(1))
    expect(built.forward(ids).equal(before)).toBe(false)
  })
})

it('reports every issue of an adapter before anything loads', () => {
  const broken = { rank: 0, alpha: -1, targets: ['q_prj', 'gate'] }
  const { startFrom: _, ...rest } = options('never')
  expect(() => defineRun({ ...rest, adapter: broken })).toThrow(
    /adapter\.rank is 0[\s\S]*adapter\.alpha is -1[\s\S]*requires base weights; set startFrom[\s\S]*"q_prj" is not a linear module of the model; did you mean q_proj\?[\s\S]*"gate"/,
  )
})

it('refuses folders that are no plain adapter', () => {
  const invalid = expect.objectContaining({ code: 'train_peft_invalid' })
  const folder = join(root, 'peft')
  expect(() => readPeft(join(root, 'nowhere'))).toThrow(invalid)
  const config = readFileSync(join(folder, 'adapter_config.json'), 'utf8')
  for (const text of ['', '[', 'null', '{}', config.replace('"use_dora": false', '"use_dora": true')]) {
    writeFileSync(join(folder, 'adapter_config.json'), text)
    expect(() => readPeft(folder), text).toThrow(invalid)
  }
})

it('does not merge an adapter of another model', () => {
  const other = new Map([
    ['model.layers.0.mlp.up_proj.lora_A.weight', { shape: [1, 3], values: new Float32Array(3) }],
    ['model.layers.0.mlp.up_proj.lora_B.weight', { shape: [24, 1], values: new Float32Array(24) }],
  ])
  expect(() => mergedWeights(base, { weights: other, adapter, baseModel: '' })).toThrow(
    expect.objectContaining({ code: 'nn_weights_mismatch' }),
  )
})
