/**
 * DeepSeek models against PyTorch. `deepseek_reference.py` computes in float64 what `deepseek_reference.json` holds; where
 * PyTorch is installed, the file itself is checked too.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  correctionChanges,
  DeepSeek,
  deepSeekParameterCount,
  ExpertBalance,
  initializeDecoder,
  loadParameters,
  MasterWeights,
  readDeepSeekConfig,
  summedTokenLoss,
} from '@hadal/nn'
import { memory, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { collected } from '../../tensor/test/collected.ts'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { hasTorch } from './reference/torch-installed.ts'

interface Case {
  readonly config: Readonly<Record<string, unknown>>
  readonly ids: number[][]
  readonly targets: number[][]
  readonly segments: number[][] | null
  readonly logits: readonly number[]
  /** By name; 0 for a gradient of zeros. */
  readonly gradients: Readonly<Record<string, readonly number[] | 0>>
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const cases = JSON.parse(readFileSync(here('deepseek_reference.json'), 'utf8')) as Record<string, Case>

/** The weights of the reference: `random` in deepseek_reference.py. */
function random(shape: readonly number[], seed: number, shift: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  let state = 1 + 7919 * (seed + 1)
  const values = Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647 - 0.5 + shift
  })
  return torch.tensor(values, { shape: [...shape] })
}

function build(json: unknown, dtype: 'float32' | 'bfloat16' = 'float32') {
  const model = new DeepSeek(readDeepSeekConfig(json), dtype)
  const weights = new MasterWeights(model)
  const filled = [...weights.masters].map(([name, { shape }], seed): [string, Tensor] => [
    name,
    random(shape, seed, name.endsWith('norm.weight') ? 1 : 0),
  ])
  loadParameters(weights.masters, new Map(filled))
  weights.publish()
  return { model, weights }
}

const tokens = (ids: readonly (readonly number[])[]): Tensor =>
  torch.tensor(
    ids.map((row) => [...row]),
    { dtype: 'int64' },
  )

/** Some twenty products with up to 24 terms in a row, three times: forward, and twice in the backward pass. */
const closeness = { roundings: 1500 }

describe.each(Object.entries(cases))('%s', (_name, wanted) => {
  const forward = (model: DeepSeek): Tensor =>
    model.forward(tokens(wanted.ids), wanted.segments ? torch.tensor(wanted.segments) : undefined)

  it('gives the same logits and the same gradient for every parameter', () => {
    scope(() => {
      const { model, weights } = build(wanted.config)
      const logits_btv = forward(model)
      expectClose(logits_btv, wanted.logits, closeness)
      const names = Object.keys(wanted.gradients)
      expect([...weights.masters.keys()]).toEqual(names)
      const gradients = weights.gradients(summedTokenLoss(logits_btv, tokens(wanted.targets)))
      const exact = gradients.map(
        ({ numel }, index) => wanted.gradients[names[index]!] || new Float32Array(numel),
      )
      expectAllClose(gradients, exact, closeness, names)
    })
  })

  it('has as many parameters as its configuration counts', () => {
    scope(() => {
      const { model } = build(wanted.config)
      const total = [...model.parameters().values()].reduce((sum, { numel }) => sum + numel, 0)
      expect(deepSeekParameterCount(model.config).total).toBe(total)
    })
  })

  it('never looks ahead: later tokens change no earlier logits', () => {
    const { model } = build(wanted.config)
    const token = fc.integer({ min: 0, max: 10 })
    const text = fc.array(token, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(text, text, text, (shared, one, other) => {
        noGrad(() =>
          scope(() => {
            const a = model.forward(tokens([[...shared, ...one]])).narrow(1, 0, shared.length)
            const b = model.forward(tokens([[...shared, ...other]])).narrow(1, 0, shared.length)
            expectClose(a, b, closeness)
          }),
        )
      }),
      { numRuns: runs(6, 20) },
    )
  })
})

const v3 = cases.V3!

it('computes in bf16 with a router in fp32, close to fp32', () => {
  scope(() => {
    const { model, weights } = build(v3.config, 'bfloat16')
    const loss = summedTokenLoss(model.forward(tokens(v3.ids)), tokens(v3.targets))
    const exact = summedTokenLoss(build(v3.config).model.forward(tokens(v3.ids)), tokens(v3.targets))
    expect(Math.abs((loss.item() as number) / (exact.item() as number) - 1)).toBeLessThan(0.05)
    for (const gradient of weights.gradients(loss)) expect(gradient.isfinite().all().item()).toBe(true)
  })
})

it('reads a document packed behind another as if it stood alone', () => {
  const { model } = build(v3.config)
  noGrad(() =>
    scope(() => {
      const alone = model.forward(tokens([[7, 8, 9]]))
      const packed = model.forward(tokens([[1, 2, 7, 8, 9]]), torch.tensor([[1, 1, 2, 2, 2]]))
      expectClose(packed.narrow(1, 2, 3), alone, closeness)
    }),
  )
})

it('leaves nothing behind but its logits', async () => {
  const { model } = build(v3.config)
  const pass = () => scope(() => model.forward(tokens([[1, 2, 3]])))
  for (const run of [pass, () => noGrad(pass)]) {
    await collected()
    const before = memory().liveTensors
    const logits = run()
    expect(memory().liveTensors).toBe(before + 1)
    logits.free()
  }
})

it('refuses a sequence longer than max_position_embeddings', () => {
  const { model } = build(v3.config)
  expect(() => model.forward(torch.zeros([1, 17], { dtype: 'int64' }))).toThrow(
    expect.objectContaining({ code: 'nn_sequence_too_long' }),
  )
})

it('starts with norms of one, biases and corrections of zero', () => {
  const parameters = build({ ...v3.config, attention_bias: true }).model.parameters()
  initializeDecoder(parameters, 2)
  const all = (name: string, value: number) => parameters.get(name)!.eq(value).all().item()
  expect(all('model.layers.1.mlp.gate.e_score_correction_bias', 0)).toBe(true)
  expect(all('model.layers.0.self_attn.o_proj.bias', 0)).toBe(true)
  expect(all('model.layers.0.self_attn.kv_a_layernorm.weight', 1)).toBe(true)
})

describe('ExpertBalance', () => {
  it('lowers the correction of those above the mean, raises the others, leaves those at it', () => {
    expect(correctionChanges([9, 3, 5, 3], 0.5)).toEqual([-0.5, 0.5, 0, 0.5])
  })

  it('evens out the load of a model, step by step', () => {
    const { model } = build(v3.config)
    const correction = model.parameters().get('model.layers.1.mlp.gate.e_score_correction_bias')!
    const before = correction.toArray()
    const balance = new ExpertBalance(model.parameters())
    const batch = Array.from({ length: 6 }, (_, b) =>
      Array.from({ length: 16 }, (_, i) => (i * i + 5 * b) % 11),
    )
    const imbalances = Array.from({ length: 150 }, () => {
      noGrad(() => scope(() => void model.forward(tokens(batch), undefined, balance.observe)))
      return balance.update(0.01)
    })
    expect(imbalances[0]).toBeGreaterThan(2)
    expect(Math.min(...imbalances.slice(-20))).toBeLessThan(0.75 * imbalances[0]!)
    expect(correction.toArray()).not.toEqual(before)
    expect(balance.update(0.01)).toBe(1)
  })

  it('discards observations that must not count', () => {
    const { model } = build(v3.config)
    const balance = new ExpertBalance(model.parameters())
    balance.observe(1, [9, 0, 0, 0])
    balance.forget()
    expect(balance.update(0.01)).toBe(1)
  })

  it('only measures a model without corrections', () => {
    const { model } = build(cases.V2!.config)
    const balance = new ExpertBalance(model.parameters())
    noGrad(() => scope(() => void model.forward(tokens([[1, 2, 3]]), undefined, balance.observe)))
    expect(balance.update(1)).toBeGreaterThan(1)
  })
})

const torchInstalled = hasTorch()

it.skipIf(!torchInstalled)('the reference holds what PyTorch computes', () => {
  const run = spawnSync('/usr/bin/python3', [here('deepseek_reference.py')], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  const fresh = JSON.parse(run.stdout) as Record<string, Case>
  expect(Object.keys(fresh)).toEqual(Object.keys(cases))
  for (const [name, { logits, gradients, ...inputs }] of Object.entries(cases)) {
    const { logits: freshLogits, gradients: freshGradients, ...freshInputs } = fresh[name]!
    expect(freshInputs).toEqual(inputs)
    const numbers = (values: readonly number[] | 0): readonly number[] => (values === 0 ? [] : values)
    const near = (a: readonly number[], b: readonly number[]) =>
      a.length === b.length && a.every((value, i) => Math.abs(value - b[i]!) <= 1e-6 * (1 + Math.abs(value)))
    expect(near(freshLogits, logits), name).toBe(true)
    for (const [parameter, values] of Object.entries(gradients))
      expect(near(numbers(freshGradients[parameter]!), numbers(values)), parameter).toBe(true)
  }
})
