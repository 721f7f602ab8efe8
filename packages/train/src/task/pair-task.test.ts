import { createModel, type DecoderConfig, type HiddenModel, initializeDecoder, type Windows } from '@hadal/nn'
import { manualSeed, scope, setNumThreads } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { preferenceTask } from './pair-task.ts'

setNumThreads(1)

const config: DecoderConfig = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}
const rows = (count: number, shift: number): Windows => ({
  length: 4,
  count,
  inputs: Int32Array.from({ length: 4 * count }, (_, i) => (i + shift) % 32),
  targets: Int32Array.from({ length: 4 * count }, (_, i) => (i + shift + 1) % 32),
})
const pairs = (count: number) => ({ chosen: rows(count, 0), rejected: rows(count, 7) })

/** A model that counts how often it is asked. */
function countedModel(): { readonly model: HiddenModel; asked: number } {
  manualSeed(1)
  const model = createModel(config)
  initializeDecoder(model.parameters(), config.num_hidden_layers)
  const counted = {
    asked: 0,
    model: {
      config,
      forward: (...given: Parameters<HiddenModel['forward']>) => {
        counted.asked += 1
        return model.forward(...given)
      },
      hidden: (...given: Parameters<HiddenModel['hidden']>) => model.hidden(...given),
    },
  }
  return counted
}

it('a signal is heard between two passes over references, and no more are taken', () =>
  scope(async () => {
    const counted = countedModel()
    const task = preferenceTask(pairs(40), pairs(40), { kind: 'dpo' }, 2, 1)
    const controller = new AbortController()
    setImmediate(() => controller.abort())
    await task.prepare(counted.model, controller.signal)
    expect(counted.asked).toBeLessThanOrEqual(2 * 2)
    // Two answers a pair, two pairs a pass, training and held-out data.
    counted.asked = 0
    await task.prepare(counted.model)
    expect(counted.asked).toBe(2 * 20 * 2)
  }))

it('a pass can be measured without references', () =>
  scope(async () => {
    const { model } = countedModel()
    const task = preferenceTask(pairs(40), pairs(40), { kind: 'dpo' }, 2, 1)
    const pass = await task.training.next()
    expect(Number.isFinite(pass.loss(model).item())).toBe(true)
  }))
