/** Several adapters of one model: stacked, merged and taken out again, made into one. */

import {
  AdapterSet,
  combineLora,
  createModel,
  type Decoder,
  type DecoderConfig,
  initializeDecoder,
  Linear,
  LoraAdapters,
  type LoraOptions,
  type LoraPart,
  loraDefaults,
  loraScale,
  Nf4Weight,
  namedModules,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'

setNumThreads(1)
const config: DecoderConfig = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}

function fresh(): Decoder {
  manualSeed(1)
  const model = createModel(config) as Decoder
  initializeDecoder(model.parameters(), 2)
  return model
}

const options = (change: Partial<LoraOptions>): LoraOptions => ({ ...loraDefaults, ...change })
const plain = options({ rank: 3, targets: ['q_proj', 'up_proj'] })
const stabilized = options({ rank: 2, alpha: 4, rankStabilized: true, targets: ['q_proj', 'down_proj'] })
const dora = options({ rank: 2, targets: ['v_proj', 'q_proj'], dora: true })

/** As after some training. */
function stir(adapters: LoraAdapters): LoraAdapters {
  noGrad(() => {
    for (const tensor of adapters.parameters().values()) tensor.add_(torch.randnLike(tensor), { alpha: 0.1 })
  })
  return adapters
}

const ids = () => torch.tensor([[1, 2, 3, 4, 5]], { dtype: 'int64' })
const ask = (model: Decoder): Tensor => noGrad(() => model.forward(ids()))
/** A dozen products with up to 24 terms in a row. */
const closeness = { roundings: 300 }
const furthest = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item() as number
const errorOf = (code: string) => expect.objectContaining({ code })

describe('a set of adapters', () => {
  it('is the model itself without an active one, one adapter with one, their sum with several', () =>
    scope(() => {
      const model = fresh()
      const before = ask(model)
      const set = new AdapterSet(model)
      const [style, facts] = [set.add('style', plain), set.add('facts', stabilized)]
      stir(style)
      stir(facts)
      expect(set.names).toEqual(['style', 'facts'])
      expect(ask(model).equal(before)).toBe(true)
      set.activate({ style: 1 })
      const styled = ask(model)
      expect(furthest(styled, before)).toBeGreaterThan(1e-3)

      const alone = fresh()
      const beside = new LoraAdapters(alone, plain, 'float32')
      noGrad(() => {
        for (const [name, tensor] of beside.parameters()) tensor.copy_(style.parameters().get(name)!)
      })
      expect(ask(alone).equal(styled)).toBe(true)

      set.activate({ style: 0.5, facts: 2 })
      const linear = model.model.layers[0]!.mlp.upProj
      const x = torch.randn([3, 16])
      const added = noGrad(() => linear.forward(x).sub(linear.product(x)))
      const [a, b] = [...style.layers.get('model.layers.0.mlp.up_proj')!.parameters().values()] as [
        Tensor,
        Tensor,
      ]
      const wanted = x
        .matmul(a.t())
        .matmul(b.t())
        .mul(0.5 * loraScale('up_proj', plain))
      // A small difference of two outputs.
      expectClose(added, wanted, { ...closeness, scale: linear.product(x).norm().item() as number })
      const both = ask(model)
      set.remove('facts')
      expect(set.active).toEqual(new Map([['style', 0.5]]))
      expect(ask(model).equal(both)).toBe(false)
      set.activate({})
      expect(ask(model).equal(before)).toBe(true)
    }))

  it.each([
    ['plain', { one: 1 }],
    ['a stack', { one: 0.7, two: -1, three: 1.5 }],
  ] as const)('merged, %s gives what it gave, and taken out again the same bits as before', (_, stack) =>
    scope(() => {
      for (const packed of [false, true]) {
        const model = fresh()
        if (packed)
          for (const [, linear] of namedModules(model))
            if (linear instanceof Linear) linear.pack(new Nf4Weight(linear.weight))
        const matrices = () =>
          [...namedModules(model)].flatMap(([, each]) =>
            each instanceof Linear ? [each.matrix().clone()] : [],
          )
        const set = new AdapterSet(model)
        stir(set.add('one', plain))
        stir(set.add('two', stabilized))
        stir(set.add('three', dora))
        set.activate(stack)
        const before = matrices()
        const beside = ask(model)
        set.merge()
        expect(set.isMerged).toBe(true)
        const linears = [...namedModules(model)].flatMap(([, each]) => (each instanceof Linear ? [each] : []))
        expect(linears.filter(({ isPlain }) => !isPlain)).toHaveLength(
          packed ? linears.length - mergedCount(stack) : 0,
        )
        expectClose(ask(model), beside, closeness)
        expect(() => set.activate({})).toThrow(errorOf('nn_adapters_merged'))
        expect(() => set.remove('two')).toThrow(errorOf('nn_adapters_merged'))
        set.unmerge()
        set.unmerge()
        expect(ask(model).equal(beside)).toBe(true)
        matrices().forEach((matrix, i) => {
          expect(matrix.equal(before[i]!)).toBe(true)
        })
      }
    }),
  )

  it('knows its adapters by name', () =>
    scope(() => {
      const set = new AdapterSet(fresh())
      expect(() => set.get('style')).toThrow(/the model has none/)
      set.add('style', plain)
      expect(() => set.add('style', plain)).toThrow(errorOf('nn_adapter_name_taken'))
      expect(() => set.activate({ styl: 1 })).toThrow(errorOf('nn_adapter_unknown'))
      expect(() => set.add('other', options({ targets: ['nothing'] }))).toThrow(
        errorOf('nn_weights_mismatch'),
      )
      expect(() => set.add('other', plain, 'float32', new Map())).toThrow(errorOf('nn_weights_mismatch'))
      expect(set.names).toEqual(['style'])
    }))
})

/** How many linear modules the stack's adapters stand alongside, in two layers. */
const mergedCount = (stack: object): number => 2 * ('two' in stack ? 4 : 2)

describe('adapters made into one', () => {
  function parts(...chosen: readonly (readonly [LoraOptions, number])[]): LoraPart[] {
    return chosen.map(([each, share]) => {
      const adapters = stir(new LoraAdapters(fresh(), each, 'float32'))
      return { weights: adapters.parameters(), options: each, share }
    })
  }
  const product = ({ weights, options: each }: Omit<LoraPart, 'share'>, module: string): Tensor => {
    const [a, b] = ['A', 'B'].map((letter) => weights.get(`${module}.lora_${letter}.weight`))
    return b!.matmul(a!).mul(loraScale(module, each))
  }
  const [both, once] = ['model.layers.1.self_attn.q_proj', 'model.layers.0.mlp.down_proj']

  it('by concatenation are exactly their sum, and by SVD as near as that rank allows', () =>
    scope(() => {
      const given = parts([plain, 0.5], [stabilized, -2])
      const sum = product(given[0]!, both).mul(0.5).add(product(given[1]!, both).mul(-2))
      const joined = combineLora(given, { kind: 'concatenation' })
      expect(joined.options).toMatchObject({ rank: 5, alpha: 5 })
      expectClose(product(joined, both), sum, closeness)
      expectClose(product(joined, once), product(given[1]!, once).mul(-2), closeness)
      expect(
        combineLora(given, { kind: 'svd', rank: 7 }).weights.get(`${both}.lora_A.weight`)!.shape,
      ).toEqual([7, 16])
      const [u, s, v] = torch.linalgSvd(sum, false) as [Tensor, Tensor, Tensor]
      for (const rank of [1, 2, 5]) {
        const near = combineLora(given, { kind: 'svd', rank })
        const best = u
          .narrow(1, 0, rank)
          .mul(s.narrow(0, 0, rank))
          .matmul(v.narrow(0, 0, rank))
        expectClose(product(near, both), best, closeness)
      }
      // What they were made into stands alongside a model as any other.
      const set = new AdapterSet(fresh())
      set.add('joined', joined.options, 'float32', joined.weights)
    }))

  it('linearly are the sums of their matrices, by the roots of their shares', () =>
    scope(() => {
      const given = parts([plain, 1], [plain, 0.25])
      const { weights } = combineLora(given, { kind: 'linear' })
      const scale = loraScale(both, plain)
      const a = (i: number): Tensor => given[i]!.weights.get(`${both}.lora_A.weight`)!
      const wanted = a(0)
        .mul(Math.sqrt(scale))
        .add(a(1).mul(Math.sqrt(0.25 * scale)))
      expectClose(weights.get(`${both}.lora_A.weight`)!, wanted, closeness)
      const alone = combineLora(parts([plain, -3]), { kind: 'linear' })
      const [only] = parts([plain, -3])
      expectClose(product(alone, both), product(only!, both).mul(-3), closeness)
    }))

  it('are refused where they do not fit', () =>
    scope(() => {
      const refused = errorOf('nn_adapters_not_combined')
      const given = parts([plain, 1], [stabilized, 1])
      expect(() => combineLora(given, { kind: 'linear' })).toThrow(/q_proj has ranks 3 and 2/)
      expect(() => combineLora([], { kind: 'linear' })).toThrow(refused)
      expect(() => combineLora(parts([dora, 1]), { kind: 'concatenation' })).toThrow(
        /number 1 is a DoRA adapter/,
      )
      expect(() => combineLora(given, { kind: 'svd', rank: 0 })).toThrow(/rank is 0/)
      const wide = new Map([...given[1]!.weights].map(([name, each]) => [name, torch.cat([each, each], 1)]))
      expect(() =>
        combineLora([given[0]!, { ...given[1]!, weights: wide }], { kind: 'concatenation' }),
      ).toThrow(/q_proj is \[16, 16\] and \[16, 32\]/)
    }))
})
