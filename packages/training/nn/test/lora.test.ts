/** Low-rank adapters alongside linear modules: against PEFT's formulas in PyTorch, and what holds of any. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  isLoraTarget as isTarget,
  Linear,
  LoraAdapters,
  type LoraOptions,
  loadParameters,
  loraDefaults,
  loraRank,
  loraScale,
  Module,
  mergeLora,
  Nf4Weight,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { hasTorch } from './reference/torch-installed.ts'

setNumThreads(1)
const [inputs, outputs] = [12, 10]

class Pair extends Module {
  readonly qProj: Linear = new Linear(inputs, outputs, 'float32', true)
  readonly oProj: Linear = new Linear(inputs, outputs, 'float32')

  constructor() {
    super()
    noGrad(() => {
      for (const weight of this.parameters().values()) weight.normal_()
    })
  }
}

const cases: readonly Partial<LoraOptions>[] = [
  {},
  { rankStabilized: true, rank: 3, alphaPattern: { q_proj: 5 } },
  { dropout: 0.4 },
  { dora: true },
  { dora: true, dropout: 0.3, rankPattern: { 'q_*': 2 } },
]

/** An adapter in the middle of its training. */
function adapted(change: Partial<LoraOptions>): { model: Pair; adapters: LoraAdapters } {
  manualSeed(2)
  const model = new Pair()
  const options: LoraOptions = { ...loraDefaults, rank: 4, targets: ['q_proj'], ...change }
  const adapters = new LoraAdapters(model, options, 'float32')
  noGrad(() => {
    for (const tensor of adapters.parameters().values()) tensor.add_(torch.randnLike(tensor), { alpha: 0.3 })
  })
  return { model, adapters }
}

/** Products with 12 terms at most, one after the other, and their gradients. */
const closeness = { roundings: 50 }
const floats = (tensor: Tensor): number[] => [...(tensor.flatten().toTypedArray() as Float32Array)]

it.skipIf(!hasTorch())(
  'gives the outputs, gradients and merged weights of PEFT, what is dropped included',
  () =>
    scope(() => {
      const own = cases.map((change) => {
        const { model, adapters } = adapted(change)
        const parameters = adapters.parameters()
        const x = torch.randn([2, 5, inputs])
        const upstream = torch.randn([2, 5, outputs])
        const module = 'q_proj'
        const [a, b, m] = ['lora_A.weight', 'lora_B.weight', 'lora_magnitude_vector'].map((name) =>
          parameters.get(`${module}.${name}`),
        )
        const { weight, bias } = model.qProj
        const given = {
          seed: 5,
          scale: loraScale(module, adapters.options),
          dropout: adapters.options.dropout,
          ...{ x: x.toArray(), w: weight.toArray(), bias: bias!.toArray(), upstream: upstream.toArray() },
          ...{ a: a!.toArray(), b: b!.toArray(), m: m?.toArray() ?? null },
        }
        adapters.training = true
        manualSeed(5)
        x.requiresGrad_(true)
        const y = model.qProj.forward(x)
        const gradients = grad(y, [x, ...parameters.values()], { gradOutputs: [upstream] })
        const merged = mergeLora(model.parameters(), parameters, adapters.options).get(`${module}.weight`)!
        return { given, y: floats(y), gradients: gradients.map(floats), merged: floats(merged) }
      })
      const script = fileURLToPath(new URL('reference/lora.py', import.meta.url))
      const input = JSON.stringify(own.map(({ given }) => given))
      const { stdout } = spawnSync('/usr/bin/python3', [script], { input, encoding: 'utf8' })
      const expected = JSON.parse(stdout) as { y: number[]; gradients: number[][]; merged: number[] }[]
      for (const [index, { y, gradients, merged }] of own.entries()) {
        const wanted = expected[index]!
        expectClose(y, wanted.y, closeness)
        expect(gradients).toHaveLength(wanted.gradients.length)
        expectAllClose(gradients, wanted.gradients, closeness)
        expectClose(merged, wanted.merged, closeness)
      }
    }),
)

it.each([false, true])('changes nothing at first (DoRA: %s), packed or not', (dora) =>
  scope(() => {
    for (const packed of [false, true]) {
      manualSeed(4)
      const model = new Pair()
      if (packed) model.qProj.pack(new Nf4Weight(model.qProj.weight.float()))
      const x = torch.randn([7, inputs])
      const before = model.qProj.forward(x)
      const adapters = new LoraAdapters(model, { ...loraDefaults, rank: 2, dora }, 'float32')
      expectClose(model.qProj.forward(x), before, closeness)
      const layer = adapters.layers.get('q_proj')!
      if (dora) expectClose(layer.magnitude_o!, model.qProj.matrix().square().sum(1).sqrt(), closeness)
      else expect(layer.magnitude_o).toBeUndefined()
    }
  }),
)

it.each(cases)('merged weights give the same output as separate adapters with %j', (change) =>
  scope(() => {
    const { model, adapters } = adapted(change)
    const x = torch.randn([3, inputs])
    const beside = model.qProj.forward(x)
    const merged = new Pair()
    loadParameters(
      merged.parameters(),
      mergeLora(model.parameters(), adapters.parameters(), adapters.options),
    )
    expectClose(merged.qProj.forward(x), beside, closeness)
    expect(merged.oProj.weight.equal(model.oProj.weight)).toBe(true)
  }),
)

it.each(cases)('on a packed weight with a bias, %j has the gradients it has on the plain matrix', (change) =>
  scope(() => {
    const { model, adapters } = adapted(change)
    const packed = new Nf4Weight(model.qProj.weight)
    noGrad(() => model.qProj.weight.copy_(packed.unpack('float32')))
    const parameters = [...adapters.parameters().values()]
    const x = torch.randn([2, 5, inputs]).requiresGrad_(true)
    adapters.training = true
    const differentiate = (): Tensor[] => {
      manualSeed(9)
      const y = model.qProj.forward(x)
      return [y, ...grad(y.square().sum(), [x, ...parameters])] as Tensor[]
    }
    const wanted = differentiate()
    model.qProj.pack(packed)
    expectAllClose(differentiate(), wanted, closeness)
  }),
)

it('drops nothing but in training', () =>
  scope(() => {
    const { model, adapters } = adapted({ dropout: 0.5, dora: true })
    const x = torch.randn([4, inputs])
    const say = () => model.qProj.forward(x)
    const still = say()
    expect(say().equal(still)).toBe(true)
    adapters.training = true
    expect(say().equal(say())).toBe(false)
  }))

it('takes targets, ranks and scales by patterns, of which the first that fits holds', () => {
  const names = ['model.layers.0.self_attn.q_proj', 'model.layers.10.mlp.up_proj', 'lm_head']
  const chosen = (...targets: string[]) => names.map((name) => isTarget(name, targets))
  expect(chosen('q_proj')).toEqual([true, false, false])
  expect(chosen('proj')).toEqual([false, false, false])
  expect(chosen('*_proj')).toEqual([true, true, false])
  expect(chosen('*')).toEqual([true, true, true])
  expect(chosen('layers.*.mlp.*')).toEqual([false, true, false])
  expect(chosen('layers.*.up_proj')).toEqual([false, false, false])
  expect(chosen('model.layers.0.self_attn.q_proj')).toEqual([true, false, false])
  expect(chosen('layers.1.mlp.up_proj', 'q.proj')).toEqual([false, false, false])
  const options = {
    ...loraDefaults,
    rankPattern: { 'layers.0.*.*': 4, q_proj: 8 },
    alphaPattern: { up_proj: 1 },
  }
  expect(names.map((name) => loraRank(name, options))).toEqual([4, 16, 16])
  expect(names.map((name) => loraScale(name, options))).toEqual([8, 1 / 16, 2])
})
