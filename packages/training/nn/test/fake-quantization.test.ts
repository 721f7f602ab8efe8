/** Models that are fake-quantised: what changes, what does not, and what is refused. */

import {
  BatchNorm2d,
  Conv2d,
  convNorm,
  Embedding,
  FakeQuantization,
  type FakeQuantScheme,
  Fp8Linears,
  fakeQuantize,
  foldNorm,
  GroupNorm,
  initializeLayers,
  int8Weights,
  Linear,
  loadParameters,
  Module,
  Nf4Weight,
  type QuantizationOptions,
  QuantPoint,
  quantRange,
  replaceBatchNorms,
  setTraining,
  uint8Activations,
  unsupportedLayers,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../../tensor/test/expect-close.ts'

setNumThreads(1)

class Net extends Module {
  readonly input: QuantPoint = new QuantPoint()
  readonly conv: Conv2d
  readonly norm: BatchNorm2d
  readonly hidden: QuantPoint = new QuantPoint()
  readonly pooled: QuantPoint = new QuantPoint()
  readonly fc: Linear

  constructor(dtype: 'float32' | 'bfloat16' = 'float32') {
    super()
    this.conv = new Conv2d(3, 8, 3, dtype, { padding: 1, bias: false })
    this.norm = new BatchNorm2d(8, dtype)
    this.fc = new Linear(8, 5, dtype, true)
    initializeLayers(this)
    noGrad(() => {
      this.norm.weight.uniform_(0.5, 2)
      this.norm.bias.normal_()
      this.norm.runningMean.normal_()
      this.norm.runningVar.uniform_(0.5, 2)
    })
  }

  forward(x: Tensor): Tensor {
    const hidden = this.hidden.forward(convNorm(this.conv, this.norm, this.input.forward(x)).relu())
    return this.fc.forward(this.pooled.forward(hidden.mean([2, 3])))
  }
}

const int8: QuantizationOptions = { weights: int8Weights, activations: uint8Activations }
/** A convolution with 27 terms, a norm, and a product. */
const closeness = { roundings: 200 }
const images = (): Tensor => torch.randn([4, 3, 6, 6])
const made = (dtype?: 'float32' | 'bfloat16'): Net => {
  manualSeed(4)
  return new Net(dtype)
}

describe('a model of images', () => {
  it('computes as it does alone, to the bit, until values are quantised, and again after', () =>
    scope(() => {
      const [net, x] = [made(), images()]
      setTraining(net, true)
      const alone = net.forward(x)
      const other = made()
      setTraining(other, true)
      const quantization = new FakeQuantization(other, int8)
      expect(other.forward(x).equal(alone)).toBe(true)
      expect([...other.parameters().keys()]).toEqual([...net.parameters().keys()])
      setTraining(other, false)
      const plain = other.forward(x)
      quantization.setObserving(true)
      // A sum with a bias is rounded once more where the product stands alone.
      expectClose(other.forward(x), plain, closeness)
      quantization.setQuantizing(true)
      const rounded = other.forward(x)
      expect(rounded.equal(plain)).toBe(false)
      expect(rounded.sub(plain).abs().max().item()).toBeLessThan(0.1)
      expect(other.conv.tellsOfParameters).toBe(false)
      expect(unsupportedLayers(other).map(({ name }) => name)).toEqual(['conv', 'norm', 'fc'])
      quantization.detach()
      expect(other.forward(x).equal(plain)).toBe(true)
      expect([other.fc.isPlain, other.conv.tellsOfParameters]).toEqual([true, true])
    }))

  it('quantises what an integer model has: the weight with the norm folded in', () =>
    scope(() => {
      const [net, x] = [made(), images()]
      const quantization = new FakeQuantization(net, { weights: int8Weights, activations: undefined })
      quantization.setObserving(true)
      quantization.setQuantizing(true)
      const y = convNorm(net.conv, net.norm, x)
      const { weight, bias } = foldNorm(net.conv, net.norm)
      const [parameters] = quantization.parameters()
      expect(parameters).toMatchObject({ name: 'conv.weight', kind: 'weight', axis: 0, quantMin: -127 })
      const scales = {
        scale_n: torch.tensor(parameters!.scale),
        zero_n: torch.tensor(parameters!.zeroPoint, { dtype: 'int32' }),
      }
      const largest = weight.flatten(1).abs().amax([1]).div(127)
      expect(scales.scale_n.equal(largest)).toBe(true)
      const rounded = fakeQuantize(weight, scales, quantRange(int8Weights), 'channel')
      const wanted = torch.conv2d(x, rounded, { bias, padding: [1, 1] })
      expectClose(y, wanted, closeness)
      quantization.detach()
      const plain = net.norm.forward(net.conv.forward(x))
      expectClose(torch.conv2d(x, weight, { bias, padding: [1, 1] }), plain, closeness)
    }))

  it('folds a bias, too, and does without a norm', () =>
    scope(() => {
      const conv = new Conv2d(3, 8, 3, 'float32')
      const { norm } = made()
      initializeLayers(conv)
      noGrad(() => conv.bias!.normal_())
      const x = images()
      const { weight, bias } = foldNorm(conv, norm)
      expectClose(torch.conv2d(x, weight, { bias }), convNorm(conv, norm, x), closeness)
      expect(convNorm(conv, undefined, x).equal(conv.forward(x))).toBe(true)
      const quantization = new FakeQuantization(conv, { weights: int8Weights, activations: undefined })
      quantization.setObserving(true)
      quantization.setQuantizing(true)
      expect(convNorm(conv, undefined, x).sub(conv.forward(x)).any().item()).toBe(false)
      expect(quantization.parameters().map(({ name }) => name)).toEqual(['weight'])
    }))

  it('trains a channel whose gamma is zero, which PyTorch divides by', () =>
    scope(() => {
      const net = made()
      setTraining(net, true)
      noGrad(() => net.norm.weight.narrow(0, 2, 1).zero_())
      const quantization = new FakeQuantization(net, int8)
      quantization.setObserving(true)
      quantization.setQuantizing(true)
      const y = convNorm(net.conv, net.norm, images())
      const [gamma, weight] = grad(y.square().sum(), [net.norm.weight, net.conv.weight])
      expect(y.isfinite().all().item()).toBe(true)
      expect(y.select(1, 2).eq(net.norm.bias.select(0, 2)).all().item()).toBe(true)
      expect(gamma!.select(0, 2).ne(0).item()).toBe(true)
      expect(weight!.isfinite().all().item()).toBe(true)
    }))

  it('norms what it convolves with as it is where the norm has no statistics to fold', () =>
    scope(() => {
      const [net, x] = [made(), images()]
      replaceBatchNorms(net)
      const quantization = new FakeQuantization(net, { weights: int8Weights, activations: undefined })
      quantization.setObserving(true)
      quantization.setQuantizing(true)
      const y = convNorm(net.conv, net.norm, x)
      expect(y.equal(net.norm.forward(net.conv.forward(x)))).toBe(true)
      expect(quantization.notes).toContain(
        'norm (GroupNorm) stays in fp32: only products with weights are quantised',
      )
    }))

  it('freezes norms: they go by what they know, and leave it', () =>
    scope(() => {
      const [net, x] = [made(), images()]
      const inEvaluation = net.forward(x)
      setTraining(net, true)
      const quantization = new FakeQuantization(net, int8)
      quantization.freezeNorms(true)
      const mean = net.norm.runningMean.clone()
      expect(net.forward(x).equal(inEvaluation)).toBe(true)
      expect(net.norm.runningMean.equal(mean)).toBe(true)
      quantization.freezeNorms(false)
      net.forward(x)
      expect(net.norm.runningMean.equal(mean)).toBe(false)
    }))

  it('in bf16 keeps norms and scales in fp32, and gives bf16', () =>
    scope(() => {
      const net = made('bfloat16')
      setTraining(net, true)
      const quantization = new FakeQuantization(net, int8)
      quantization.setObserving(true)
      quantization.setQuantizing(true)
      const x = images().bfloat16()
      const y = net.forward(x)
      expect(y.dtype).toBe('bfloat16')
      const gradients = grad(y.float().sum(), [...net.parameters().values()])
      for (const gradient of gradients) expect(gradient.isfinite().all().item()).toBe(true)
      const dtypes = new Set([...quantization.state().values()].map(({ dtype }) => dtype))
      expect(dtypes).toEqual(new Set(['float32', 'int32']))
      const wide = made()
      // The statistics that both start from.
      loadParameters(wide.state(), new Map([...made('bfloat16').state()]))
      setTraining(wide, true)
      const same = new FakeQuantization(wide, int8)
      same.setObserving(true)
      same.setQuantizing(true)
      expect(y.float().sub(wide.forward(x.float())).abs().max().item()).toBeLessThan(0.1)
    }))

  it('remembers everything in its state', () =>
    scope(() => {
      const options: QuantizationOptions = {
        weights: { ...int8Weights, observer: 'moving-average' },
        activations: { ...uint8Activations, observer: 'histogram' },
      }
      const net = made()
      const first = new FakeQuantization(net, options)
      const shapes = [...first.state()].map(([name, { shape }]) => [name, shape])
      expect(shapes).toContainEqual(['hidden.histogram', [2048]])
      expect(shapes).toContainEqual(['conv.weight.scale', [8]])
      first.setObserving(true)
      for (let pass = 0; pass < 3; pass++) net.forward(images())
      first.setObserving(false)
      first.setQuantizing(true)
      const [x, other] = [images(), made()]
      const wanted = net.forward(x)
      const second = new FakeQuantization(other, options)
      const state = first.state()
      expect([...second.state().keys()]).toEqual([...state.keys()])
      for (const [name, tensor] of second.state()) tensor.copy_(state.get(name)!)
      second.setQuantizing(true)
      expect(other.forward(x).equal(wanted)).toBe(true)
      expect(second.parameters()).toEqual(first.parameters())
      // And goes on as the first does.
      for (const each of [first, second]) each.setObserving(true)
      const next = images()
      expect(other.forward(next).equal(net.forward(next))).toBe(true)
      expect([...state].map(([name, { shape }]) => [name, shape])).toEqual(shapes)
    }))

  it('observes nothing while paused', () =>
    scope(() => {
      const net = made()
      const quantization = new FakeQuantization(net, int8)
      quantization.setObserving(true)
      net.forward(images())
      const before = [...quantization.state().values()].map((each) => each.toArray())
      quantization.pausing(() => net.forward(images().mul(100)))
      expect([...quantization.state().values()].map((each) => each.toArray())).toEqual(before)
      expect(quantization.observing).toBe(true)
    }))
})

describe('what stays, and what is refused', () => {
  class Mixed extends Module {
    readonly embed: Embedding = new Embedding(7, 6, 'float32')
    readonly first: Linear = new Linear(6, 8, 'float32')
    readonly norms: readonly GroupNorm[] = [1, 2, 3].map(() => new GroupNorm(2, 8, 1e-5, 'float32'))
    readonly second: Linear = new Linear(8, 4, 'float32')
    readonly conv: Conv2d = new Conv2d(8, 4, 1, 'float32')
  }

  it('is named, with the reason', () =>
    scope(() => {
      const weights: FakeQuantScheme = { ...int8Weights, granularity: { group: 4 } }
      const { notes } = new FakeQuantization(new Mixed(), {
        weights,
        activations: undefined,
        skip: ['sec*', 'third'],
      })
      expect(notes).toEqual([
        'embed (Embedding) stays in fp32: only products with weights are quantised',
        'first (Linear) stays in fp32: its rows do not divide into groups of 4',
        'norms.0 and 2 more (GroupNorm) stay in fp32: only products with weights are quantised',
        'second (Linear) stays in fp32: it is skipped',
        'skip contains "third", but no layer has that name',
      ])
      const formats = new FakeQuantization(new Mixed(), { weights: 'Q4_0', activations: 'Q8_0' })
      expect(formats.notes).toContain('conv (Conv2d) stays in fp32: Q4_0 is a format for matrices')
      expect(formats.notes).toContain(
        'first.input and 1 more (Linear) stay in fp32: its width does not divide by 32',
      )
    }))

  it('options that contradict themselves', () => {
    const refused = expect.objectContaining({ code: 'nn_quant_scheme_invalid' })
    const made = (options: Partial<QuantizationOptions>) => () =>
      scope(() => new FakeQuantization(new Net(), { ...int8, ...options }))
    expect(made({ weights: { ...int8Weights, bits: 1 } })).toThrow(refused)
    expect(made({ activations: { ...uint8Activations, granularity: 'channel' } })).toThrow(refused)
    expect(made({ activations: 'Q8_0' })).toThrow(refused)
    expect(made({ weights: { ...int8Weights, observer: 'histogram' } })).toThrow(
      'weights: observer "histogram" is for one scale',
    )
  })

  it('weights in NF4, products in fp8, two at once', () =>
    scope(() => {
      const refused = expect.objectContaining({ code: 'nn_fake_quant_unsupported' })
      const packed = new Mixed()
      packed.second.pack(new Nf4Weight(torch.randn([4, 8])))
      expect(() => new FakeQuantization(packed, int8)).toThrow(refused)
      expect(() => new FakeQuantization(packed, { ...int8, skip: ['second'] })).not.toThrow()
      const narrow = new Mixed()
      void new Fp8Linears(narrow)
      expect(() => new FakeQuantization(narrow, int8)).toThrow(/first: it uses fp8/)
      const twice = new Mixed()
      new FakeQuantization(twice, int8).setObserving(true)
      expect(() => new FakeQuantization(twice, int8)).toThrow(refused)
      const points = new Net()
      new FakeQuantization(points, int8).setObserving(true)
      expect(() => new FakeQuantization(points, { ...int8, skip: ['conv', 'fc'] })).toThrow(
        /hidden: it is fake-quantised already/,
      )
    }))

  it('a value range that was never observed', () =>
    scope(() => {
      const net = made()
      const quantization = new FakeQuantization(net, int8)
      quantization.setQuantizing(true)
      expect(quantization.parameters()).toEqual([])
      expect(() => net.forward(images())).toThrow(
        expect.objectContaining({
          code: 'nn_nothing_observed',
          message: expect.stringContaining('input has no observed value range'),
        }),
      )
    }))
})
