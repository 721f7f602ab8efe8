/**
 * Norms and clipped sums of both fast modes against sample-by-sample gradients, over random architectures: layers used once and
 * twice, grouped convolutions, tied heads, adapters, padding, kept and recomputed records.
 */

import {
  manualSeed,
  memory,
  noGrad,
  resetPeakMemory,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { type Closeness, expectAllClose, expectClose } from '../../../tensor/test/expect-close.ts'
import { LoraAdapters } from '../adapters/lora-adapters.ts'
import { loraDefaults } from '../adapters/lora-options.ts'
import { Conv1d, Conv2d } from '../convolution.ts'
import type { DeepSeekConfig } from '../deepseek/config.ts'
import { initializeDecoder } from '../initialize.ts'
import { initializeLayers } from '../initialize-layers.ts'
import { createModel } from '../language-model.ts'
import { Embedding, Linear, RmsNorm } from '../layers.ts'
import { ignoreIndex, summedTokenLoss } from '../loss.ts'
import type { ModelConfig } from '../model-config.ts'
import { Module } from '../module.ts'
import { GroupNorm, LayerNorm } from '../normalization.ts'
import { parameter } from '../parameter.ts'
import { PartParameters, runOnTape, type Segment } from '../tape/run-on-tape.ts'
import { Tape } from '../tape/tape.ts'
import { clippedGradients, layersOf } from './clipped-gradients.ts'
import type { Clipping } from './clipping.ts'
import type { ClippedGradients, PrivateBackward } from './private-backward.ts'
import { forEachRow } from './tell-layers.ts'

// Slow only alongside much else.
beforeAll(() => setNumThreads(1))

type Given = Omit<PrivateBackward, 'mode'>

/**
 * Tolerance for float64 nets. Sums over positions have some hundred terms; squared gradients may be small by
 * comparison.
 */
const wide: Closeness = { roundings: 1000, dtype: 'float64', condition: 1000 }

/** Norms of samples, all gradients together, and losses. */
function expectEqual(ours: ClippedGradients, exact: ClippedGradients, closeness: Closeness): void {
  expectAllClose(ours.norms.toArray() as number[], exact.norms.toArray() as number[], closeness)
  const all = (tensors: readonly Tensor[]): Tensor => torch.cat(tensors.map((tensor) => tensor.flatten()))
  expectClose(all(ours.gradients), all(exact.gradients), closeness, 'gradients')
  expectClose(ours.loss, exact.loss, closeness, 'loss')
  expect(ours.notFinite).toBe(exact.notFinite)
}

function expectModesEqual(given: Given, closeness: Closeness): void {
  const exact = clippedGradients({ ...given, mode: 'exact' })
  // So that some samples are clipped and others are not.
  const norm = exact.norms.median().item() as number
  const clipping = { ...given.clipping, norm: norm * given.clipping.norm + 1e-6 }
  const wanted = clippedGradients({ ...given, clipping, mode: 'exact' })
  for (const mode of ['book-keeping', 'ghost'] as const)
    expectEqual(clippedGradients({ ...given, clipping, mode }), wanted, closeness)
}

const clippings: fc.Arbitrary<Clipping> = fc.record({
  kind: fc.constantFrom('flat', 'per-layer', 'automatic'),
  norm: fc.constantFrom(0.5, 1, 100),
})

interface NetShape {
  readonly widths: readonly number[]
  readonly places: number
  readonly norm: 'layer' | 'rms' | 'none'
  readonly bias: boolean
  /** Number of times that the same square layer is applied. */
  readonly repeats: number
  readonly adds: boolean
}

/** Linear layers over some positions, a repeated one, a parameter outside the layers. */
class Net extends Module {
  readonly layers: readonly Linear[]
  readonly norms: readonly (LayerNorm | RmsNorm)[]
  readonly again: Linear
  readonly added: Tensor | undefined
  readonly #repeats: number

  constructor({ widths, places, norm, bias, repeats, adds }: NetShape) {
    super()
    const pairs = widths.slice(1).map((width, i) => [widths[i]!, width] as const)
    this.layers = pairs.map(([inputs, outputs]) => new Linear(inputs, outputs, 'float64', bias))
    this.norms =
      norm === 'none'
        ? []
        : pairs.map(([, width]) =>
            norm === 'layer'
              ? new LayerNorm(width, 1e-5, 'float64', bias)
              : new RmsNorm(width, 1e-5, 'float64'),
          )
    this.again = new Linear(widths.at(-1)!, widths.at(-1)!, 'float64', bias)
    this.added = adds ? parameter([places, widths[0]!], 'float64') : undefined
    this.#repeats = repeats
    initializeLayers(this)
    noGrad(() => this.added?.normal_(0, 1))
  }

  /** [b, t, d] */
  forward(x: Tensor): Tensor {
    let at = this.added ? x.add(forEachRow(this.added, x.shape[0]!)) : x
    for (const [index, layer] of this.layers.entries()) {
      const y = layer.forward(at)
      at = this.norms[index]?.forward(y).tanh() ?? y.tanh()
    }
    for (let i = 0; i < this.#repeats; i += 1) at = this.again.forward(at).tanh()
    return at
  }
}

const given = (
  model: Module,
  samples: number,
  rowsPerSample: number,
  clipping: Clipping,
  lossOf: (from: number, rows: number) => Tensor,
): Given => {
  const parameters = model.parameters()
  return {
    samples,
    rowsPerSample,
    clipping,
    parameters: [...parameters.values()],
    layers: layersOf([...parameters.keys()]),
    loss: (_, sample) =>
      sample === undefined
        ? lossOf(0, samples * rowsPerSample)
        : lossOf(sample * rowsPerSample, rowsPerSample),
  }
}

describe('norms and sums are those of single samples', () => {
  it('for linear layers over one and several places, norms, and parameters that are added', () => {
    fc.assert(
      fc.property(
        fc.record({
          widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 }),
          places: fc.integer({ min: 1, max: 12 }),
          norm: fc.constantFrom('layer', 'rms', 'none'),
          bias: fc.boolean(),
          repeats: fc.integer({ min: 1, max: 3 }),
          adds: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 2 }),
        clippings,
        (shape, samples, rowsPerSample, clipping) =>
          scope(() => {
            manualSeed(1)
            const net = new Net(shape)
            const x = torch.randn([samples * rowsPerSample, shape.places, shape.widths[0]!]).double()
            const lossOf = (from: number, rows: number): Tensor =>
              net
                .forward(x.narrow(0, from, rows))
                .square()
                .sum()
            expectModesEqual(given(net, samples, rowsPerSample, clipping, lossOf), wide)
          }),
      ),
      { numRuns: runs(15, 40) },
    )
  })

  class Convnet extends Module {
    readonly first: Conv2d
    readonly norm: GroupNorm
    readonly second: Conv2d
    readonly third: Conv1d
    readonly head: Linear

    constructor(
      groups: number,
      channels: number,
      kernel: number,
      stride: number,
      dilation: number,
      bias: boolean,
    ) {
      super()
      const options = { stride, dilation, groups, bias, padding: kernel }
      this.first = new Conv2d(groups * 2, channels * groups, [kernel, 1], 'float64', options)
      this.norm = new GroupNorm(groups, channels * groups, 1e-5, 'float64')
      this.second = new Conv2d(channels * groups, 3, kernel, 'float64', { padding: [kernel, 1], bias })
      this.third = new Conv1d(3, 4, kernel, 'float64', { padding: kernel, stride, bias })
      this.head = new Linear(4, 3, 'float64', bias)
      initializeLayers(this)
    }

    forward(x: Tensor): Tensor {
      const images = this.second.forward(this.norm.forward(this.first.forward(x)).tanh()).tanh()
      return this.head.forward(this.third.forward(images.flatten(2)).tanh().mean([2]))
    }
  }

  it('for convolutions of images and sequences, strided, dilated and in groups', () => {
    const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
    fc.assert(
      fc.property(
        fc.tuple(small(3), small(4), small(3), small(2), small(2), fc.boolean()),
        fc.tuple(small(7), small(7)),
        small(4),
        small(2),
        clippings,
        (shape, [height, width], samples, rowsPerSample, clipping) =>
          scope(() => {
            manualSeed(2)
            const net = new Convnet(...shape)
            const x = torch.randn([samples * rowsPerSample, shape[0] * 2, height, width]).double()
            const lossOf = (from: number, rows: number): Tensor =>
              net
                .forward(x.narrow(0, from, rows))
                .exp()
                .sum()
            expectModesEqual(given(net, samples, rowsPerSample, clipping, lossOf), wide)
          }),
      ),
      { numRuns: runs(10, 25) },
    )
  })

  const llama: ModelConfig = {
    vocab_size: 29,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 16,
    rms_norm_eps: 1e-5,
    rope_theta: 1000,
    tie_word_embeddings: true,
  }
  const deepseek: DeepSeekConfig = {
    model_type: 'deepseek_v3',
    vocab_size: 29,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    q_lora_rank: 8,
    kv_lora_rank: 8,
    qk_nope_head_dim: 4,
    qk_rope_head_dim: 4,
    v_head_dim: 4,
    max_position_embeddings: 16,
    rms_norm_eps: 1e-6,
    rope_theta: 1000,
    rope_scaling: null,
    attention_bias: true,
    tie_word_embeddings: false,
    moe: null,
  }
  const plans: Readonly<Record<string, readonly Segment[] | undefined>> = {
    none: undefined,
    kept: [{ parts: 4, mode: 'kept' }],
    light: Array.from({ length: 4 }, () => ({ parts: 1, mode: 'light' })),
    recomputed: [
      { parts: 2, mode: 'recomputed' },
      { parts: 1, mode: 'kept' },
      { parts: 1, mode: 'recomputed' },
    ],
  }

  const decoders = fc.record({
    config: fc.constantFrom<ModelConfig[]>(
      llama,
      { ...llama, model_type: 'qwen2', tie_word_embeddings: false },
      { ...llama, model_type: 'qwen3' },
      deepseek,
      { ...deepseek, q_lora_rank: null, tie_word_embeddings: true },
    ),
    adapters: fc.constantFrom('none', 'lora', 'rank stabilized', 'dora'),
    plan: fc.constantFrom(...Object.keys(plans)),
    samples: fc.integer({ min: 1, max: 4 }),
    time: fc.integer({ min: 2, max: 16 }),
    clipping: clippings,
  })

  const decoderGiven = (
    {
      config,
      adapters,
      plan,
      samples,
      time,
      clipping,
    }: typeof decoders extends fc.Arbitrary<infer T> ? T : never,
    dtype: 'float32' | 'bfloat16',
  ): Given => {
    manualSeed(samples + time)
    const model = createModel(config, dtype)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    const options = {
      ...loraDefaults,
      rank: 3,
      rankStabilized: adapters === 'rank stabilized',
      dora: adapters === 'dora',
      targets: ['*_proj', 'kv_b_proj', 'kv_a_proj_with_mqa'],
    }
    const lora = adapters === 'none' ? undefined : new LoraAdapters(model, options, dtype)
    const trained = lora?.parameters() ?? model.parameters()
    noGrad(() => {
      for (const [name, tensor] of trained)
        if (name.endsWith('lora_B.weight')) tensor.normal_(0, 0.3)
        else if (!name.includes('lora'))
          tensor.add_(
            torch
              .randn([...tensor.shape])
              .mul(0.1)
              .to(dtype),
          )
    })
    const ids = torch.randint(config.vocab_size, [samples, time])
    const targets = torch.randint(config.vocab_size, [samples, time])
    // Padding behind each text; one of it all where it comes to that.
    for (let sample = 0; sample < samples; sample += 1) {
      const length = 1 + ((5 * sample + time) % time)
      if (length < time) targets.set_([sample, [length, null]], ignoreIndex)
    }
    const parts = new PartParameters(trained)
    return {
      samples,
      clipping,
      parameters: [...trained.values()],
      layers: layersOf([...trained.keys()]),
      loss: (tape, sample) => {
        const rows = (tensor: Tensor): Tensor => (sample === undefined ? tensor : tensor.narrow(0, sample, 1))
        const segments = plans[plan]
        const run = segments && runOnTape(tape, segments, parts)
        const hidden = model.hidden(rows(ids), undefined, run)
        return summedTokenLoss(model.logits(hidden), rows(targets))
      },
      newTape: () => new Tape(1),
    }
  }

  it('for decoders with tied heads, adapters, padding and records', () => {
    // Ghost clipping gets the square of a norm as a sum of terms of both signs.
    fc.assert(
      fc.property(decoders, (shape) =>
        scope(() => expectModesEqual(decoderGiven(shape, 'float32'), { roundings: 2000, condition: 4 })),
      ),
      { numRuns: runs(15, 40) },
    )
  })

  it('for decoders in bf16, to its own precision', () => {
    fc.assert(
      fc.property(decoders, (shape) =>
        scope(() => expectModesEqual(decoderGiven(shape, 'bfloat16'), { roundings: 12, dtype: 'bfloat16' })),
      ),
      { numRuns: runs(6, 15) },
    )
  })

  it('for a single number that all samples share', () => {
    class Scaled extends Module {
      readonly scale = parameter([], 'float64')
    }
    scope(() => {
      const model = new Scaled()
      noGrad(() => model.scale.fill_(2))
      const x = torch.randn([3, 2]).double()
      const lossOf = (from: number, rows: number): Tensor =>
        x.narrow(0, from, rows).mul(forEachRow(model.scale, rows).unsqueeze(1)).exp().sum()
      expectModesEqual(given(model, 3, 1, { kind: 'flat', norm: 1 }, lossOf), wide)
    })
  })

  it('while ghost clipping keeps nothing of layers that are computed again', () => {
    scope(() => {
      const config = { ...llama, hidden_size: 64, intermediate_size: 192, num_hidden_layers: 6 }
      const model = createModel(config)
      initializeDecoder(model.parameters(), 6)
      const parameters = model.parameters()
      const parts = new PartParameters(parameters)
      const segments = Array.from({ length: 12 }, () => ({ parts: 1, mode: 'recomputed' }) as const)
      const ids = torch.randint(29, [16, 16])
      const peakOf = (mode: 'ghost' | 'book-keeping'): number => {
        memory()
        const before = memory().currentBytes
        resetPeakMemory()
        scope(() => {
          const loss = (tape: Tape): Tensor =>
            summedTokenLoss(model.logits(model.hidden(ids, undefined, runOnTape(tape, segments, parts))), ids)
          const clipping: Clipping = { kind: 'flat', norm: 1 }
          clippedGradients({ samples: 16, clipping, mode, parameters: [...parameters.values()], loss })
        })
        return memory().peakBytes - before
      }
      expect(peakOf('ghost')).toBeLessThan(0.5 * peakOf('book-keeping'))
    })
  })

  it('for an embedding that reads ids more than once', () => {
    scope(() => {
      manualSeed(4)
      const table = new Embedding(5, 3, 'float64')
      initializeLayers(table)
      const ids = torch.tensor([0, 1, 1, 1, 2, 2, 4, 0], { shape: [2, 4], dtype: 'int64' })
      const lossOf = (from: number, rows: number): Tensor =>
        table
          .forward(ids.narrow(0, from, rows))
          .exp()
          .sum()
      expectModesEqual(given(table, 2, 1, { kind: 'flat', norm: 1 }, lossOf), wide)
    })
  })
})
