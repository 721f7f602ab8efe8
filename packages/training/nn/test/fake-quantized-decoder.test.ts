/** Decoders that are fake-quantised: on a tape, alongside adapters, with weights as GGUF has them. */

import {
  createModel,
  FakeQuantization,
  initializeDecoder,
  int8Weights,
  type LanguageModel,
  Linear,
  LoraAdapters,
  loraDefaults,
  MasterWeights,
  type ModelConfig,
  Module,
  PartParameters,
  type QuantizationOptions,
  roundToFormat,
  runOnTape,
  type Segment,
  summedTokenLoss,
  Tape,
  uint8Activations,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'

setNumThreads(1)

const config: ModelConfig = {
  vocab_size: 61,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}
const ids = (seed: number): Tensor =>
  torch.tensor(
    Int32Array.from({ length: 48 }, (_, i) => (i * 7 + seed * 13) % 61),
    { shape: [2, 24] },
  )

function decoder(): LanguageModel {
  manualSeed(2)
  const model = createModel(config, 'float32')
  initializeDecoder(model.parameters(), config.num_hidden_layers)
  return model
}

const plans: Readonly<Record<string, readonly Segment[] | undefined>> = {
  'without a tape': undefined,
  kept: [1, 2, 3, 4].map(() => ({ parts: 1, mode: 'kept' as const })),
  light: [1, 2, 3, 4].map(() => ({ parts: 1, mode: 'light' as const })),
  recomputed: [1, 2].map(() => ({ parts: 2, mode: 'recomputed' as const })),
}

/** Two passes, each with its backward pass, of a model whose layers are all quantised. */
function passes(segments: readonly Segment[] | undefined, options: QuantizationOptions): number[][] {
  return scope(() => {
    const model = decoder()
    const quantization = new FakeQuantization(model, options)
    quantization.setObserving(true)
    quantization.setQuantizing(true)
    const weights = new MasterWeights(model)
    const found = [1, 2].flatMap((seed) => {
      const tape = new Tape(1)
      const run = segments && runOnTape(tape, segments, new PartParameters(weights.working))
      const hidden = model.hidden(ids(seed), undefined, run)
      const loss = summedTokenLoss(model.logits(hidden), ids(seed + 1).long())
      return weights.gradients(loss, tape)
    })
    const state = [...quantization.state().values()].map((each) => each.float())
    return [...found, ...state].map((each) => [...(each.flatten().toTypedArray() as Float32Array)])
  })
}

describe('a decoder', () => {
  const moving: QuantizationOptions = {
    weights: { ...int8Weights, observer: 'moving-average', averaging: 0.5 },
    activations: { ...uint8Activations, averaging: 0.5 },
  }
  const formats: QuantizationOptions = { weights: 'Q4_0', activations: 'Q8_0' }

  it.each(['kept', 'light', 'recomputed'])(
    'has the gradients and the ranges of no tape to the bit: %s',
    (plan) => {
      for (const options of [moving, formats])
        expect(passes(plans[plan], options)).toEqual(passes(undefined, options))
    },
  )

  it('multiplies weights of a GGUF file with activations of 8 bits', () =>
    scope(() => {
      const model = decoder()
      const x = torch.randn([2, 5, 32])
      const { weight } = [...linears(model)][0]!
      const quantization = new FakeQuantization(model, formats)
      quantization.setQuantizing(true)
      const y = [...linears(model)][0]!.forward(x)
      expect(y.equal(torch.linear(roundToFormat(x, 'Q8_0'), roundToFormat(weight, 'Q4_0')))).toBe(true)
      expect(quantization.state().size).toBe(0)
      expect(quantization.notes.join()).toContain('(RmsNorm) stay in fp32')
    }))

  it('trains float adapters alongside quantized weights', () =>
    scope(() => {
      const model = decoder()
      const adapters = new LoraAdapters(model, loraDefaults, 'float32')
      const first = [...linears(model)][0]!
      const quantization = new FakeQuantization(model, { ...formats, activations: undefined })
      quantization.setQuantizing(true)
      const x = torch.randn([2, 5, 32])
      expect(first.forward(x).equal(torch.linear(x, roundToFormat(first.weight, 'Q4_0')))).toBe(true)
      const parameters = [...adapters.parameters().values()]
      noGrad(() => {
        for (const each of parameters) each.normal_(0, 0.02)
      })
      const gradients = grad(model.forward(ids(1)).square().sum(), parameters)
      for (const gradient of gradients) expect(gradient.ne(0).any().item()).toBe(true)
    }))

  it('leaves weights alone where only what goes in is to be quantised', () =>
    scope(() => {
      const model = decoder()
      const quantization = new FakeQuantization(model, { weights: undefined, activations: 'Q8_0' })
      quantization.setQuantizing(true)
      const first = [...linears(model)][0]!
      const x = torch.randn([2, 5, 32])
      expect(first.forward(x).equal(torch.linear(roundToFormat(x, 'Q8_0'), first.weight))).toBe(true)
      expect(quantization.notes).toEqual([])
    }))
})

function* linears(module: Module): Generator<Linear> {
  for (const value of Object.values(module))
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each instanceof Linear) yield each
      else if (each instanceof Module) yield* linears(each)
    }
}
