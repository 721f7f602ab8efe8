import { scope, setNumThreads, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { Module } from '../module.ts'
import { listening } from '../per-sample/layer-use.ts'
import { computingAgain } from '../tape/computed-again.ts'
import { FakeQuantization } from './fake-quantization.ts'
import { QuantPoint } from './quant-point.ts'
import { GridQuantizer } from './quantizer.ts'
import { uint8Activations } from './scheme.ts'

setNumThreads(1)

describe('a quantiser', () => {
  const made = (switches = { observing: true, quantizing: true }): GridQuantizer =>
    new GridQuantizer('point', { ...uint8Activations, averaging: 0.5 }, 1, switches)

  it('observes a pass once that is computed again, and rounds as it did', () =>
    scope(() => {
      const quantizer = made()
      quantizer.apply(torch.tensor([-1, 1]))
      const x = torch.tensor([-3, 0.3, 2])
      const y = quantizer.apply(x)
      const { scale } = quantizer.scales()
      expect(computingAgain(() => quantizer.apply(x)).equal(y)).toBe(true)
      expect(quantizer.scales().scale).toEqual(scale)
      quantizer.apply(x)
      expect(quantizer.scales().scale).not.toEqual(scale)
    }))

  it('gives what is empty back, as an expert has it that no token goes to', () =>
    scope(() => {
      const empty = torch.empty([0, 4])
      expect(made().apply(empty)).toBe(empty)
    }))

  it('refuses private training: its noise does not cover what is observed', () =>
    scope(() => {
      const pass = (): unknown =>
        listening(
          () => {},
          () => made().apply(torch.ones([2])),
        )
      expect(pass).toThrow(
        expect.objectContaining({
          code: 'nn_fake_quant_unsupported',
          message: expect.stringContaining('point: private training'),
        }),
      )
    }))

  it('has its state where the model is, without a layer that is rounded, too', () =>
    scope(() => {
      class Elsewhere extends Module {
        readonly weight = torch.zeros([2], { device: 'meta' }).requiresGrad_()
        readonly point = new QuantPoint()
      }
      const options = { weights: undefined, activations: uint8Activations }
      const state = new FakeQuantization(new Elsewhere(), options).state()
      expect(state.size).toBeGreaterThan(0)
      for (const [name, { device }] of state) expect(device, name).toBe('meta')
    }))
})
