import {
  chunkedTokenLoss,
  createModel,
  type DeepSeekConfig,
  initializeDecoder,
  kept,
  LoraAdapters,
  loraDefaults,
  MasterWeights,
  type ModelConfig,
  PartParameters,
  recomputed,
  runOnTape,
  type Segment,
  summedTokenLoss,
  Tape,
  tokenLoss,
} from '@hadal/nn'
import {
  grad,
  manualSeed,
  memory,
  resetPeakMemory,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { collected } from '../../tensor/test/collected.ts'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'

beforeAll(() => setNumThreads(1))

const llama: ModelConfig = {
  vocab_size: 61,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}
const qwen: ModelConfig = { ...llama, model_type: 'qwen2', tie_word_embeddings: false }
const deepseek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 61,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  q_lora_rank: 16,
  kv_lora_rank: 16,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 4,
  v_head_dim: 8,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-6,
  rope_theta: 1000,
  rope_scaling: null,
  attention_bias: false,
  tie_word_embeddings: false,
  moe: {
    n_routed_experts: 4,
    n_shared_experts: 1,
    num_experts_per_tok: 2,
    moe_intermediate_size: 16,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 1,
  },
}

const tokens = (rows: number, length: number, seed: number): Tensor =>
  torch.tensor(
    Int32Array.from({ length: rows * length }, (_, i) => (i * 7 + seed * 13 + (i >> 2)) % 61),
    { shape: [rows, length] },
  )

/** Cut in every way: whole layers, halves, each mode. */
const plans: Readonly<Record<string, readonly Segment[]>> = {
  kept: Array.from({ length: 8 }, () => ({ parts: 1, mode: 'kept' as const })),
  light: Array.from({ length: 8 }, () => ({ parts: 1, mode: 'light' as const })),
  recomputed: Array.from({ length: 8 }, () => ({ parts: 1, mode: 'recomputed' as const })),
  layers: Array.from({ length: 4 }, () => ({ parts: 2, mode: 'recomputed' as const })),
  'every 3': [
    { parts: 6, mode: 'recomputed' },
    { parts: 2, mode: 'recomputed' },
  ],
  mixed: [
    { parts: 1, mode: 'light' },
    { parts: 2, mode: 'kept' },
    { parts: 1, mode: 'recomputed' },
    { parts: 1, mode: 'kept' },
    { parts: 3, mode: 'recomputed' },
  ],
}

describe.each([
  ['Llama', llama],
  ['Qwen2', qwen],
  ['DeepSeek', deepseek],
])('%s on a tape', (_, config) => {
  it.each(Object.keys(plans))('has the loss and the gradients of no tape to the bit: %s', (plan) => {
    scope(() => {
      const { loss: wantedLoss, gradients: wanted } = gradientsOf(config, 'float32')
      const { loss, gradients } = gradientsOf(config, 'float32', plans[plan])
      expect(loss).toBe(wantedLoss)
      for (const [name, gradient] of gradients)
        expect(torch.equal(gradient, wanted.get(name)!), name).toBe(true)
    })
  })

  it('the gradients are the same in bf16, and with adapters', () => {
    scope(() => {
      for (const options of [{ lora: false }, { lora: true }]) {
        const { gradients: wanted } = gradientsOf(config, 'bfloat16', undefined, options)
        const { gradients } = gradientsOf(config, 'bfloat16', plans.mixed, options)
        expect(gradients.size).toBe(wanted.size)
        for (const [name, gradient] of gradients)
          expect(torch.equal(gradient, wanted.get(name)!), name).toBe(true)
      }
    })
  })

  it('leaves nothing behind, also when a pass is given up', async () => {
    await collected()
    const before = memory().liveTensors
    scope(() => void gradientsOf(config, 'float32', plans.mixed))
    const tape = new Tape(1)
    scope(() => {
      const x = torch.ones([2]).requiresGrad_()
      kept(tape, [x], [], (leaf) => [leaf.mul(2)])
      recomputed(tape, [x], [], (leaf) => [leaf.mul(2)])
    })
    tape.free()
    expect(memory().liveTensors).toBe(before)
  })
})

function gradientsOf(
  config: ModelConfig,
  dtype: 'float32' | 'bfloat16',
  plan?: readonly Segment[],
  { lora = false } = {},
): { readonly loss: number; readonly gradients: Map<string, Tensor> } {
  manualSeed(3)
  const model = createModel(config, dtype)
  const whole = new MasterWeights(model)
  initializeDecoder(whole.masters, config.num_hidden_layers)
  whole.publish()
  const weights = lora ? new MasterWeights(new LoraAdapters(model, loraDefaults, dtype)) : whole
  const tape = new Tape(1 / 12)
  const run = plan && runOnTape(tape, plan, new PartParameters(weights.working))
  const loss = scope(() => {
    const segments_bt = torch.tensor([
      [0, 0, 0, 0, 0, 1, 1, 1],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ])
    const hidden = model.hidden(tokens(2, 8, 1), segments_bt, run)
    return summedTokenLoss(model.logits(hidden), tokens(2, 8, 2).long())
  })
  const gradients = weights.gradients(loss, tape)
  return {
    loss: loss.item() as number,
    gradients: new Map([...weights.masters.keys()].map((name, i) => [name, gradients[i]!])),
  }
}

describe('Tape', () => {
  it('goes on through what ordinary operators did between records', () => {
    scope(() => {
      const x = torch.tensor([1, 2, 3]).requiresGrad_()
      const w = torch.tensor([0.5, -1, 2]).requiresGrad_()
      const objective = (square: (x: Tensor) => Tensor): Tensor => {
        const y = x.mul(w)
        return square(square(y).sin().add(square(y)))
          .mul(w)
          .sum()
      }
      const wanted = grad(objective((at) => at.square().mul(w)).mul(3), [x, w])
      const tape = new Tape(3)
      const loss = objective(
        (at) => recomputed(tape, [at], [w], (leaf) => [leaf.square().mul(w)], { own: [] })[0]!,
      )
      const found = tape.gradients(loss, [x, w])
      expectAllClose(found, wanted, { roundings: 50 })
    })
  })

  it('hands gradients over as soon as they are whole, the last record first, and 0 for what nothing reads', () => {
    scope(() => {
      const [first, second, unread] = [2, 3, 4].map((value) => torch.full([1], value).requiresGrad_())
      const tape = new Tape(1)
      const [y] = kept(tape, [torch.ones([1])], [first!], (x) => [x.mul(first!)])
      const [z] = kept(tape, [y!], [second!], (x) => [x.mul(second!)])
      const reported: number[][] = []
      const given: Tensor[] = []
      const rest = tape.gradients(z!.sum(), [first!, second!, unread!], (parameters, whole) => {
        reported.push([...parameters, ...whole].map((tensor) => tensor.item() as number))
        given.push(...whole)
      })
      // Each value, and the gradient for it.
      expect(reported).toEqual([
        [3, 2],
        [2, 3],
        [4, 0],
      ])
      expect(rest).toEqual([])
      for (const gradient of given) expect(gradient.disposed).toBe(true)
    })
  })

  it('reports the gradient of a tensor that two records read once, with both parts summed', () => {
    scope(() => {
      const weight = torch.full([1], 3).requiresGrad_()
      const tape = new Tape(1)
      const run = (x: number): Tensor =>
        kept(tape, [torch.full([1], x)], [weight], (leaf) => [leaf.mul(weight)])[0]!
      const loss = run(2).add(run(5)).sum()
      const reported: number[] = []
      tape.gradients(loss, [weight], (_, [gradient]) => void reported.push(gradient!.item() as number))
      expect(reported).toEqual([7])
    })
  })

  it('draws the same random numbers again, and goes on with those after them', () => {
    scope(() => {
      const run = (again: boolean): { gradient: unknown; next: unknown } => {
        manualSeed(5)
        const x = torch.ones([64]).requiresGrad_()
        const tape = new Tape(1)
        const body = (leaf: Tensor): Tensor[] => [torch.dropout(leaf, 0.5, true)]
        const [y] = again ? recomputed(tape, [x], [], body) : kept(tape, [x], [], body)
        const [gradient] = tape.gradients(y!.sum(), [x])
        return { gradient: gradient!.toArray(), next: torch.rand([4]).toArray() }
      }
      expect(run(true)).toEqual(run(false))
    })
  })

  it('holds the memory of one segment where each is computed again', () => {
    scope(() => {
      const peak = (recompute: boolean): number => {
        const start = torch.ones([256, 1024]).requiresGrad_()
        let x = start
        const tape = new Tape(1)
        memory()
        resetPeakMemory()
        const before = memory().currentBytes
        const body = (leaf: Tensor): Tensor[] => [leaf.sin().cos().exp().log().sin().mul(leaf)]
        for (let i = 0; i < 8; i += 1) x = (recompute ? recomputed : kept)(tape, [x], [], body)[0]!
        tape.gradients(
          scope(() => x.sum()),
          [start],
        )
        return memory().peakBytes - before
      }
      expect(peak(true)).toBeLessThan(0.5 * peak(false))
    })
  })
})

describe('chunkedTokenLoss', () => {
  const of = (seed: number, shape: number[]): Tensor => {
    manualSeed(seed)
    return torch.randn(shape)
  }

  it('equals the loss over all logits, and its gradients, for any chunk and option', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 0.1),
        fc.constantFrom(0, 1e-2),
        fc.array(fc.integer({ min: -1, max: 6 }), { minLength: 6, maxLength: 6 }),
        (chunk, labelSmoothing, zLoss, drawn) => {
          scope(() => {
            const hidden = of(1, [2, 3, 5]).requiresGrad_()
            const head = of(2, [7, 5]).requiresGrad_()
            const targets = torch
              .tensor(
                drawn.map((id) => (id < 0 ? -100 : id)),
                { shape: [2, 3] },
              )
              .long()
            const options = { labelSmoothing, zLoss }
            const { sum } = tokenLoss(torch.linear(hidden, head), targets, options)
            const wanted = grad(sum.mul(0.25), [hidden, head])
            const tape = new Tape(0.25)
            const loss = chunkedTokenLoss(hidden, head, targets, options, chunk, tape)
            const found = tape.gradients(loss, [hidden, head])
            expectClose(loss, sum, { roundings: 100 })
            expectAllClose(found, wanted, { roundings: 100 })
            const read = chunkedTokenLoss(hidden, head, targets, options, chunk)
            expect(read.item()).toBe(loss.item())
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('follows what is done to the loss, and leaves a frozen head alone', () => {
    scope(() => {
      const hidden = of(1, [1, 4, 5]).requiresGrad_()
      const head = of(2, [7, 5])
      const targets = torch.tensor([[1, 2, -100, 6]]).long()
      const [wanted] = grad(tokenLoss(torch.linear(hidden, head), targets).sum.mul(1.5), [hidden])
      const tape = new Tape(0.5)
      const [found] = tape.gradients(chunkedTokenLoss(hidden, head, targets, {}, 3, tape).mul(3), [hidden])
      expectClose(found!, wanted!, { roundings: 100 })
    })
  })

  it('never holds the logits of all tokens', () => {
    scope(() => {
      const hidden = of(1, [1, 512, 8]).requiresGrad_()
      const head = of(2, [4096, 8]).requiresGrad_()
      const targets = torch.zeros([1, 512]).long()
      resetPeakMemory()
      const before = memory().currentBytes
      const tape = new Tape(1)
      tape.gradients(chunkedTokenLoss(hidden, head, targets, {}, 32, tape), [hidden, head])
      expect(memory().peakBytes - before).toBeLessThan((512 * 4096 * 4) / 3)
    })
  })
})
