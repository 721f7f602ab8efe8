import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  initializeDecoder,
  loadCheckpoint,
  packStream,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, scope, setNumThreads } from '@hadal/tensor'
import { afterAll, expect, it } from 'vitest'
import { newestWeights } from './checkpoint-store.ts'
import { exportHuggingFace } from './export/hugging-face.ts'
import { readModel } from './read-model.ts'
import { defineRun, type Run } from './run.ts'
import { planRun } from './run-plan.ts'
import { train } from './train.ts'
import { toHost, type Weights } from './weights.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-read-model-'))
afterAll(() => rmSync(root, { recursive: true }))

const tokenizer = trainBpe(['a small text'], { vocabSize: 264, specialTokens: Object.values(chatTokens) })
const config: DecoderConfig = {
  model_type: 'llama',
  vocab_size: 264,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  rope_scaling: null,
  tie_word_embeddings: true,
}

function write(folder: string, model: DecoderConfig): void {
  const weights = scope(() => {
    manualSeed(1)
    const built = createModel(model)
    initializeDecoder(built.parameters(), 2)
    return toHost(built.parameters())
  })
  exportHuggingFace(folder, {
    config: model,
    weights,
    tokenizer,
    roles: { end: chatTokens.end, begin: chatTokens.endOfText, pad: chatTokens.endOfText },
  })
}

const windows = packStream([Array.from({ length: 90 }, (_, i) => (i * i) % 200)], 8, 0)
const runOf = (name: string, startFrom: Weights): Run =>
  defineRun({
    name,
    folder: join(root, name),
    model: config,
    startFrom,
    adapter: { rank: 2, quantization: 'nf4' },
    data: { train: windows, valid: windows },
    batch: { windows: 2, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 3, floorFraction: 1 },
    evaluate: { everySteps: 3 },
  })

it('leaves weights in their folder until they are needed, and gives the run that reading them at once gives', async () => {
  const folder = join(root, 'model')
  write(folder, config)
  const { model, startFrom } = readModel(folder)
  const whole = scope(() => toHost(loadCheckpoint(folder).model.parameters()))
  expect(model).toMatchObject(config)
  expect([...startFrom.keys()]).toEqual([...whole.keys()])
  for (const [name, tensor] of startFrom) {
    expect(tensor.shape).toEqual(whole.get(name)!.shape)
    expect(tensor.values).toEqual(whole.get(name)!.values)
    expect(tensor.values).not.toBe(tensor.values)
  }
  const [late, early] = [runOf('late', startFrom), runOf('early', whole)]
  expect(late.fingerprint).toBe(early.fingerprint)
  expect(planRun(late).hostBytes.startFrom).toBe(0)
  expect(planRun(early).hostBytes.startFrom).toBeGreaterThan(0)
  await train(late)
  await train(early)
  expect(newestWeights(late.folder)).toEqual(newestWeights(early.folder))

  write(folder, { ...config, hidden_size: 16 })
  expect(() => runOf('changed', startFrom)).toThrow(expect.objectContaining({ code: 'nn_weights_mismatch' }))
})

it('says what stands against a folder', () => {
  expect(() => readModel(join(root, 'nowhere'))).toThrow(
    expect.objectContaining({ code: 'nn_checkpoint_invalid' }),
  )
})
