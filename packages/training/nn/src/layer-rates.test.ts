import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layerRateIssues } from './layer-rate-issues.ts'
import { type LayerRates, layerRate, ratesByLayer } from './layer-rates.ts'

const peak = 1e-4

describe('ratesByLayer', () => {
  it('goes from a tenth of the peak to the peak in equal steps where nothing is said', () => {
    const { bottom, layers, top } = ratesByLayer({}, peak, 4)
    expect([bottom, top]).toEqual([1e-5, 1e-4])
    expect(layers.map((rate) => Number(rate.toPrecision(12)))).toEqual([1e-5, 4e-5, 7e-5, 1e-4])
  })

  it('goes in equal factors when geometric, as a decay does', () => {
    const { layers } = ratesByLayer({ bottom: 1e-6, shape: 'geometric' }, peak, 3)
    expect(layers.map((rate) => Number(rate.toPrecision(12)))).toEqual([1e-6, 1e-5, 1e-4])
    const decayed = ratesByLayer({ decay: 0.8 }, peak, 5)
    decayed.layers.forEach((rate, layer) => {
      expect(rate / (peak * 0.8 ** (4 - layer))).toBeCloseTo(1, 12)
    })
    expect(decayed).toEqual(ratesByLayer({ bottom: peak * 0.8 ** 4, shape: 'geometric' }, peak, 5))
  })

  it('takes a list as it is; embeddings have its first rate or the bottom said, heads the peak', () => {
    const shape = [3e-5, 2e-4, 5e-5]
    expect(ratesByLayer({ shape }, peak, 3)).toEqual({ bottom: 3e-5, layers: shape, top: peak })
    expect(ratesByLayer({ shape, bottom: 1e-6 }, peak, 3).bottom).toBe(1e-6)
  })

  it('gives a single layer the rate of the top', () => {
    for (const rates of [{}, { shape: 'geometric' }, { decay: 0.5 }] satisfies LayerRates[])
      expect(ratesByLayer(rates, peak, 1).layers).toEqual([peak])
  })

  it('ends exactly where it was said to, and rises or falls all the way', () => {
    const rate = fc.double({ min: 1e-8, max: 1, noNaN: true })
    const shape = fc.constantFrom('linear' as const, 'geometric' as const)
    fc.assert(
      fc.property(rate, rate, shape, fc.integer({ min: 2, max: 100 }), (bottom, top, form, count) => {
        const { layers } = ratesByLayer({ bottom, shape: form }, top, count)
        expect(layers).toHaveLength(count)
        expect([layers[0], layers.at(-1)]).toEqual([bottom, top])
        for (let layer = 1; layer < count; layer += 1) {
          const step = (layers[layer]! - layers[layer - 1]!) * Math.sign(top - bottom)
          expect(step).toBeGreaterThanOrEqual(-1e-12 * Math.max(bottom, top))
        }
      }),
    )
  })
})

it('layerRate reads names of model, adapter and head weights', () => {
  const rates = { bottom: 1, layers: [2, 3, 4], top: 5 }
  const of = (name: string): number => layerRate(name, rates)
  expect(of('model.embed_tokens.weight')).toBe(1)
  expect(of('model.layers.0.input_layernorm.weight')).toBe(2)
  expect(of('model.layers.1.mlp.experts.2.gate_proj.weight')).toBe(3)
  expect(of('model.layers.2.self_attn.q_proj.lora_A.weight')).toBe(4)
  expect(of('base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight')).toBe(2)
  for (const name of ['model.norm.weight', 'lm_head.weight', 'score.weight', 'lm_head.lora_A.weight'])
    expect(of(name)).toBe(5)
})

describe('layerRateFaults', () => {
  it('finds none in what is sound', () => {
    const shape = [1e-5, 2e-5, 1e-3]
    const sound: LayerRates[] = [
      {},
      { bottom: 1e-5, top: 1e-4, shape: 'geometric' },
      { bottom: 1e-3 },
      { shape },
      { shape, bottom: 1e-6 },
      { decay: 1 },
      { decay: 0.9, shape: 'geometric', top: 1e-4 },
    ]
    for (const rates of sound) expect(layerRateIssues(rates, peak, 3)).toEqual([])
  })

  it('names every value and what it must be', () => {
    const of = (rates: object): string[] => layerRateIssues(rates as LayerRates, peak, 3)
    expect(of({ bottom: 0, top: 1e-3, shape: 'cubic', decay: 1.5 })).toEqual([
      'bottom is 0; it must be a rate above 0',
      "top is 0.001; it must be the schedule's peak, 0.0001: change one of them, or remove this",
      'shape is "cubic"; it must be "linear", "geometric" or a list of rates, one for each layer',
      'decay is 1.5; it must be above 0 and at most 1',
      'decay and bottom both set the lowest rate; remove one',
      'decay implies geometric rates, but shape is "cubic"; remove one',
    ])
    expect(of({ shape: [1e-5, -1], bottom: Number.NaN })).toEqual([
      'bottom is NaN; it must be a rate above 0',
      'shape has 2 rates; the model has 3 layers and needs one rate for each',
      'shape[1] is -1; it must be a rate above 0',
    ])
    expect(of({ bottom: '1e-5', decay: null, shape: [1, undefined, Number.POSITIVE_INFINITY] })).toEqual([
      'bottom is "1e-5"; it must be a rate above 0',
      'shape[1] is null; it must be a rate above 0',
      'shape[2] is Infinity; it must be a rate above 0',
      'decay is null; it must be above 0 and at most 1',
      'decay and bottom both set the lowest rate; remove one',
      'decay implies geometric rates, but shape is [1,null,null]; remove one',
    ])
  })
})
