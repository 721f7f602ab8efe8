/** What private gradients promise beyond their value: bounds, samples that are not finite, no samples, memory, and errors. */

import {
  getRngState,
  manualSeed,
  memory,
  noGrad,
  scope,
  setNumThreads,
  setRngState,
  type Tensor,
  torch,
} from '@hadal/tensor'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose, roundingBound } from '../../../tensor/test/expect-close.ts'
import { Conv2d } from '../convolution.ts'
import { initializeLayers } from '../initialize-layers.ts'
import { Embedding, Linear } from '../layers.ts'
import { Module } from '../module.ts'
import { BatchNorm2d, GroupNorm } from '../normalization.ts'
import { parameter } from '../parameter.ts'
import { checkReported } from './check-reported.ts'
import { clippedGradients, layersOf } from './clipped-gradients.ts'
import type { PrivateBackward } from './private-backward.ts'
import { replaceBatchNorms } from './replace-batch-norms.ts'
import { linear } from './tell-layers.ts'
import { unsupportedLayers } from './unsupported-layers.ts'

// Slow only alongside much else.
beforeAll(() => setNumThreads(1))

class Net extends Module {
  readonly up = new Linear(4, 5, 'float32', true)
  readonly down = new Linear(5, 3, 'float32', true)

  constructor() {
    super()
    manualSeed(1)
    initializeLayers(this)
  }

  forward(x: Tensor): Tensor {
    return this.down.forward(this.up.forward(x).tanh())
  }
}

/** Products with 4 and 5 terms, the backward pass, norms of all gradients, and sums over samples. */
const closeness = { roundings: 100 }

type Change = Partial<PrivateBackward>

const given = (
  model: Module,
  x: Tensor,
  forward: (x: Tensor) => Tensor,
  change: Change = {},
): PrivateBackward => ({
  samples: x.shape[0]!,
  clipping: { kind: 'flat', norm: 1 },
  mode: 'book-keeping',
  parameters: [...model.parameters().values()],
  names: [...model.parameters().keys()],
  loss: (_, sample) =>
    forward(sample === undefined ? x : x.narrow(0, sample, 1))
      .square()
      .sum(),
  ...change,
})

const lengthOf = (tensors: readonly Tensor[]): number =>
  Math.hypot(...tensors.map((tensor) => tensor.norm().item() as number))

const modes = ['book-keeping', 'ghost', 'exact'] as const
const kinds = ['flat', 'per-layer', 'automatic'] as const
const every = modes.flatMap((mode) => kinds.map((kind) => [mode, kind] as const))

describe('clippedGradients', () => {
  it.each(every)('%s, %s: one sample adds no more than the norm', (mode, kind) => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (norm, size) =>
          scope(() => {
            const net = new Net()
            const x = torch.randn([1, 4]).mul(size)
            const { gradients } = clippedGradients(
              given(net, x, (each) => net.forward(each), {
                mode,
                clipping: { kind, norm },
                layers: layersOf([...net.parameters().keys()]),
              }),
            )
            expect(lengthOf(gradients)).toBeLessThanOrEqual(norm * (1 + roundingBound(closeness.roundings)))
          }),
      ),
      { numRuns: 10 },
    )
  })

  it.each(every)('%s, %s: a sample that is not finite adds nothing and is counted', (mode, kind) => {
    scope(() => {
      const net = new Net()
      const change: Change = { mode, clipping: { kind, norm: 0.5 } }
      const x = torch.randn([4, 4])
      const without = clippedGradients(
        given(
          net,
          x.indexSelect(0, torch.tensor([0, 2], { dtype: 'int64' })),
          (each) => net.forward(each),
          change,
        ),
      )
      const broken = x.clone().set_([1, 2], Number.NaN).set_([3, 0], Number.POSITIVE_INFINITY)
      const of = given(net, broken, (each) => net.forward(each), change)
      const { gradients, notFinite, norms } = clippedGradients(of)
      expect(notFinite).toBe(2)
      expect(norms.isfinite().toArray()).toEqual([true, false, true, false])
      expectAllClose(gradients, without.gradients, closeness)
    })
  })

  it.each(modes)('%s: no samples give zeros, and the loss is not asked', (mode) => {
    scope(() => {
      const net = new Net()
      const loss = (): Tensor => expect.unreachable()
      const result = clippedGradients(given(net, torch.zeros([0, 4]), (x) => net.forward(x), { mode, loss }))
      expect(result.gradients.map(({ shape }) => shape)).toEqual(
        [...net.parameters().values()].map(({ shape }) => shape),
      )
      expect(lengthOf(result.gradients)).toBe(0)
      expect([result.norms.shape, result.loss, result.clipped]).toEqual([[0], 0, 0])
    })
  })

  it('clips per layer when requested', () => {
    scope(() => {
      const net = new Net()
      const names = [...net.parameters().keys()]
      expect(layersOf([...names, 'a.q.lora_A.weight', 'a.q.lora_B.weight'])).toEqual([0, 0, 1, 1, 2, 2])
      const { gradients } = clippedGradients(
        given(net, torch.randn([1, 4]).mul(100), (x) => net.forward(x), {
          clipping: { kind: 'per-layer', norm: 1 },
          layers: layersOf(names),
        }),
      )
      for (const layer of [gradients.slice(0, 2), gradients.slice(2)])
        expectClose(lengthOf(layer), Math.SQRT1_2, closeness)
    })
  })

  it('draws the same random numbers in both passes of ghost clipping', () => {
    scope(() => {
      const net = new Net()
      const x = torch.randn([6, 4])
      const dropped = (each: Tensor): Tensor => net.forward(torch.dropout(each, 0.5, true))
      const random = getRngState()
      const [kept, ghost] = (['book-keeping', 'ghost'] as const).map((mode) => {
        setRngState(random)
        return clippedGradients(given(net, x, dropped, { mode }))
      })
      expectAllClose(kept!.gradients, ghost!.gradients, closeness)
    })
  })

  it.each(modes)('%s: holds nothing afterwards', (mode) => {
    scope(() => {
      const net = new Net()
      const x = torch.randn([6, 4])
      const step = (): void =>
        scope(() => void clippedGradients(given(net, x, (each) => net.forward(each), { mode })))
      step()
      const before = memory().liveTensors
      step()
      // Tensors that were unreferenced before may be collected meanwhile.
      expect(memory().liveTensors).toBeLessThanOrEqual(before)
    })
  })
})

describe('what private gradients cannot do', () => {
  it('nn_parameters_unobserved: a parameter that no layer reported', () => {
    class Odd extends Net {
      readonly scale = parameter([3], 'float32')
    }
    scope(() => {
      const net = new Odd()
      noGrad(() => net.scale.fill_(2))
      const of = given(net, torch.randn([2, 4]), (x) => net.forward(x).mul(net.scale))
      expect(() => clippedGradients(of)).toThrow(
        expect.objectContaining({
          code: 'nn_parameters_unobserved',
          message: expect.stringContaining('scale'),
        }),
      )
      expect(clippedGradients({ ...of, mode: 'exact' }).notFinite).toBe(0)
    })
  })

  it('nn_samples_unclear: a layer that has not the batch in front', () => {
    scope(() => {
      const table = new Embedding(3, 4, 'float32')
      initializeLayers(table)
      const net = new Net()
      const x = torch.randn([2, 3, 4])
      const of = given(net, x, (each) => net.forward(each.add(table.forward(torch.arange(3)))))
      const withTable = { ...of, parameters: [...of.parameters, table.weight] }
      expect(() => clippedGradients(withTable)).toThrow(
        expect.objectContaining({ code: 'nn_samples_unclear' }),
      )
    })
  })

  it('nn_changed_in_place: an output that is no longer what it was', () => {
    scope(() => {
      const net = new Net()
      const forward = (x: Tensor): Tensor => net.down.forward(net.up.forward(x).relu_())
      expect(() => clippedGradients(given(net, torch.randn([2, 4]), forward))).toThrow(
        expect.objectContaining({ code: 'nn_changed_in_place' }),
      )
    })
  })

  it('nn_uses_untold: a second use that no layer reports', () => {
    scope(() => {
      const net = new Net()
      const x = torch.randn([2, 4])
      const twice = (multiply: (x: Tensor, weight: Tensor) => Tensor) =>
        given(net, x, (each) => net.down.forward(net.up.forward(each).add(multiply(each, net.up.weight))))
      checkReported(twice(linear))
      expect(() => checkReported(twice((each, weight) => torch.linear(each, weight)))).toThrow(
        expect.objectContaining({ code: 'nn_uses_untold', message: expect.stringContaining('up.weight') }),
      )
    })
  })
})

describe('unsupportedLayers', () => {
  class Block extends Module {
    readonly conv = new Conv2d(3, 48, 3, 'float32')
    readonly norms = [new BatchNorm2d(48, 'float32')]
    readonly own = parameter([2], 'float32')
  }

  it('names layers that mix samples or report nothing; batch norms become group norms', () => {
    scope(() => {
      const block = new Block()
      initializeLayers(block)
      expect(
        unsupportedLayers(block).map(({ name, layer, mixesSamples }) => [name, layer, mixesSamples]),
      ).toEqual([
        ['', 'Block', false],
        ['norms.0', 'BatchNorm2d', true],
      ])
      const [norm] = block.norms
      norm!.weight.requiresGrad_(false).fill_(3)
      expect(replaceBatchNorms(block)).toEqual(['norms.0'])
      const replaced = block.norms[0] as unknown as GroupNorm
      expect(replaced).toBeInstanceOf(GroupNorm)
      expect([replaced.groups, replaced.weight.requiresGrad, replaced.weight.at(0).item()]).toEqual([
        16,
        false,
        3,
      ])
      block.own.requiresGrad_(false)
      expect(unsupportedLayers(block)).toEqual([])
    })
  })
})
