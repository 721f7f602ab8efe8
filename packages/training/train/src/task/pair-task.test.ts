import {
  createModel,
  type DecoderConfig,
  type HiddenModel,
  ignoreIndex,
  initializeDecoder,
  type RewardHead,
  type Windows,
} from '@hadal/nn'
import { manualSeed, memory, scope, setMemoryLimit, setNumThreads, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import { preferenceTask, rewardTask } from './pair-task.ts'

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

/** A model that counts its calls. */
function countedModel(): { readonly model: HiddenModel; requested: number } {
  manualSeed(1)
  const model = createModel(config)
  initializeDecoder(model.parameters(), config.num_hidden_layers)
  const counted = {
    requested: 0,
    model: {
      config,
      forward: (...given: Parameters<HiddenModel['forward']>) => {
        counted.requested += 1
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
    await task.prepare(counted.model, () => controller.signal.aborted)
    expect(counted.requested).toBeLessThanOrEqual(2 * 2)
    // Two responses per pair, two pairs per pass, training and held-out data.
    counted.requested = 0
    await task.prepare(counted.model)
    expect(counted.requested).toBe(2 * 20 * 2)
  }))

it('references that do not fit in memory are read in parts, and those after them begin so', () =>
  scope(async () => {
    const { model } = countedModel()
    const requested: number[] = []
    const narrow: HiddenModel = {
      ...model,
      forward: (ids_bt, ...rest) => {
        requested.push(ids_bt.shape[0]!)
        return model.forward(ids_bt, ...rest)
      },
    }
    const { currentBytes, liveTensors } = memory()
    /** The loss of the first held-out pass, with references read under the given memory limit. */
    const within = async (bytes: number, isAlone?: boolean): Promise<number> => {
      const task = preferenceTask(pairs(40), pairs(24), { kind: 'dpo' }, 8, 1)
      requested.length = 0
      setMemoryLimit(currentBytes + bytes)
      try {
        await task.prepare(narrow, undefined, isAlone)
      } finally {
        setMemoryLimit(undefined)
      }
      const [pass] = task.heldOut()
      return scope(() => pass!.loss(model).item() as number)
    }
    const whole = await within(2 ** 30)
    const most = 20_000
    expectClose(await within(most), whole, { roundings: 500 })
    const [begun, ...later] = requested
    expect(begun).toBe(8)
    expect(new Set(later.slice(2)).size).toBe(1)
    expect(later.at(-1)).toBeLessThan(8)
    await expect(within(1000)).rejects.toMatchObject({
      code: 'train_out_of_memory',
      message: expect.stringMatching(/^one row of 8 tokens .*out of memory/),
    })
    // Other ranks would wait for a part that they do not know of.
    await expect(within(most, false)).rejects.toMatchObject({ code: 'tensor_out_of_memory' })
    expect(await within(2 ** 30)).toBe(whole)
    expect(memory()).toMatchObject({ currentBytes, liveTensors })
  }))

it('a pass can be measured without references', () =>
  scope(async () => {
    const { model } = countedModel()
    const task = preferenceTask(pairs(40), pairs(40), { kind: 'dpo' }, 2, 1)
    const pass = await task.training.next()
    expect(Number.isFinite(pass.loss(model).item())).toBe(true)
  }))

it('a reward is what a classifier gives that reads the last of the text without the last token', () =>
  scope(async () => {
    const { model } = countedModel()
    // Prompt 1 2, responses 3 4 and 5 6: their last tokens are only targets. Then padding.
    const window = (answer: readonly [number, number]): Windows => ({
      length: 4,
      count: 1,
      inputs: Int32Array.from([1, 2, answer[0], 0]),
      targets: Int32Array.from([ignoreIndex, ...answer, ignoreIndex]),
    })
    const data = { chosen: window([3, 4]), rejected: window([5, 6]) }
    const task = rewardTask(data, data, config.hidden_size, 'float32', 1, 1)
    const head = task.head as RewardHead
    initializeDecoder(head.parameters(), config.num_hidden_layers)
    const reward = (ids: readonly number[]): number =>
      head.forward(model.hidden(torch.tensor([[...ids]], { dtype: 'int64' }))).item() as number
    const better = reward([1, 2, 3]) - reward([1, 2, 5])
    const pass = await task.training.next()
    expectClose(pass.loss(model), Math.log1p(Math.exp(-better)), { roundings: 500 })
  }))
