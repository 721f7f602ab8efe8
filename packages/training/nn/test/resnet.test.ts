/** Residual networks against torchvision: `reference/resnet.py` made what `reference/resnet.json` holds. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  BasicBlock,
  initializeResNet,
  namedModules,
  onDevice,
  QuantPoint,
  ResNet,
  type ResNetConfig,
  type ResNetDepth,
  resNetConfig,
  resNetFlops,
  resNetIssues,
  resNetTensors,
  setTraining,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'

setNumThreads(1)

interface Expected {
  readonly parameters: number
  readonly digest: string
  /** `name 64x3x7x7` */
  readonly tensors: string[]
  readonly eval: number[]
  readonly train: number[]
  readonly loss: number
  readonly gradients: Record<string, number>
  readonly buffers: Record<string, number>
}
const path = fileURLToPath(new URL('./reference/resnet.json', import.meta.url))
const expected = JSON.parse(readFileSync(path, 'utf8')) as Record<ResNetDepth, Expected>

const input = { channels: 3, height: 64, width: 64 }
const depths: readonly ResNetDepth[] = [18, 34, 50, 101, 152]

function formula(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  const i = torch.arange(count, { dtype: 'float64' }).remainder(9973)
  return i
    .mul(0.37)
    .mul(i)
    .add(i.mul(1.1))
    .add(seed)
    .sin()
    .reshape([...shape])
}

/** In float32, as the reference. */
function value(name: string, shape: readonly number[], seed: number): Tensor {
  const raw = formula(shape, seed)
  if (name.endsWith('running_var')) return raw.mul(0.5).add(1)
  if (shape.length === 4) return raw.mul(2 / Math.sqrt(shape[0]! * shape[2]! * shape[3]!))
  if (name === 'fc.weight') return raw.div(Math.sqrt(shape[1]!))
  return name.endsWith('weight') ? raw.mul(0.2).add(1) : raw.mul(0.1)
}

/** Values that depend on a tensor's place among the names. */
function filled(model: ResNet): ResNet {
  noGrad(() => {
    let seed = 0
    for (const [name, tensor] of model.state()) {
      scope(() => void tensor.copy_(value(name, tensor.shape, seed).float()))
      seed += 1
    }
  })
  return model
}

describe('a residual network', () => {
  it.each(depths)('has the names and shapes of torchvision’s: ResNet-%i', (depth) => {
    const config = resNetConfig(depth, { input, classes: 1000 })
    const { digest, parameters, tensors } = expected[depth]
    const model = onDevice('meta', () => new ResNet(config))
    const found = [...model.state()].map(([name, { shape }]) => `${name} ${shape.join('x')}`)
    expect([...resNetTensors(config)].map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual(found)
    const numbers = [...model.parameters().values()].reduce((sum, { numel }) => sum + numel, 0)
    expect(numbers).toBe(parameters)
    // PyTorch also counts batches, which nothing reads.
    const counted = found.flatMap((each) =>
      each.includes('.running_var ')
        ? [each, each.replace(/running_var .*/, 'num_batches_tracked ')]
        : [each],
    )
    if (tensors) expect(counted).toEqual(tensors)
    expect(createHash('sha256').update(counted.join('\n')).digest('hex')).toBe(digest)
  })

  it.each([18, 50] as const)('computes what torchvision’s does: ResNet-%i', (depth) => {
    const wanted = expected[depth]
    const config = resNetConfig(depth, { input, classes: 10 })
    // The terms of all convolutions in a row.
    const terms = { 18: 35_000, 50: 53_000 }[depth]
    scope(() => {
      const images = formula([4, 3, 64, 64], 7).float()
      const narrow = filled(new ResNet(config))
      expectClose(
        noGrad(() => narrow.forward(images)),
        wanted.eval,
        { roundings: terms },
      )
      // Batch norms over 16 values, one after the other, amplify rounding errors by orders of magnitude: in float32 little is left to compare.
      const model = filled(new ResNet(config, 'float64'))
      setTraining(model, true)
      const forward = { roundings: terms, dtype: 'float64', condition: 1000 } as const
      const backward = { ...forward, roundings: 3 * terms }
      const logits = model.forward(images.double())
      expectClose(logits, wanted.train, forward)
      const labels = torch.tensor(Int32Array.of(1, 5, 0, 9)).long()
      const loss = torch.crossEntropyLoss(logits, labels)
      expectClose(loss, wanted.loss, forward)
      const parameters = model.parameters()
      const gradients = grad(loss, [...parameters.values()])
      const names = [...parameters.keys()]
      expect(names).toEqual(Object.keys(wanted.gradients))
      const norms = gradients.map((each) => each.norm())
      expectAllClose(norms, Object.values(wanted.gradients), backward, names)
      const buffers = [...model.buffers().values()].map((each) => each.norm())
      expect([...model.buffers().keys()]).toEqual(Object.keys(wanted.buffers))
      expectAllClose(buffers, Object.values(wanted.buffers), forward, Object.keys(wanted.buffers))
    })
  })

  it('begins as torchvision’s does', () => {
    const config: ResNetConfig = resNetConfig(18, { input, classes: 10, width: 32, zeroInitResidual: true })
    scope(() => {
      manualSeed(1)
      const model = new ResNet(config)
      initializeResNet(model)
      for (const [name, tensor] of model.state()) {
        const [outputs, , height, width] = tensor.shape as [number, number, number, number]
        if (tensor.ndim === 4) {
          const deviation = tensor.pow(2).mean().sqrt().item() as number
          expect(deviation / Math.sqrt(2 / (outputs * height * width))).toBeCloseTo(1, 1)
        } else if (/bn2\.weight$/.test(name)) expect(tensor.eq(0).all().item()).toBe(true)
        else if (/(bn\d|downsample\.1)\.(weight|running_var)$/.test(name))
          expect(tensor.eq(1).all().item()).toBe(true)
        else if (/(bn\d|downsample\.1)\./.test(name)) expect(tensor.eq(0).all().item()).toBe(true)
      }
      const most = 1 / Math.sqrt(256)
      expect(model.fc.weight.abs().max().item()).toBeLessThanOrEqual(most)
      expect(model.fc.weight.abs().max().item()).toBeGreaterThan(0.9 * most)
      // Each block is the identity then, but for its last ReLU.
      const block = model.blocks[1]!
      expect(block).toBeInstanceOf(BasicBlock)
      const x = torch.rand([2, 32, 8, 8])
      expect(
        noGrad(() => block.forward(x))
          .eq(x)
          .all()
          .item(),
      ).toBe(true)
    })
  })

  it.each([
    [{}, [32, 16, 8, 4]],
    [{ stem: { kernel: 3, stride: 1, pool: false } }, [64, 64, 32, 16]],
    [{ stem: { kernel: 5, stride: 3, pool: false } }, [22, 22, 11, 6]],
    [{ input: { channels: 2, height: 33, width: 50 } }, undefined],
  ])('takes small images as its stem says: %j', (change, sizes) => {
    const config = resNetConfig(18, { input, classes: 3, width: 4, ...change })
    scope(() => {
      const model = new ResNet(config)
      initializeResNet(model)
      const { channels, height, width } = config.input
      const x = torch.rand([2, channels, height, width])
      if (sizes) {
        const first = model.bn1.forward(model.conv1.forward(x))
        let at = model.stem.pool ? torch.maxPool2d(first, 3, { stride: 2, padding: 1 }) : first
        const found = [first.shape[2]]
        for (const stage of [model.layer1, model.layer2, model.layer3]) {
          at = stage.reduce((x, block) => block.forward(x), at)
          found.push(at.shape[2])
        }
        expect(found).toEqual(sizes)
      }
      const logits = model.forward(x)
      expect(logits.shape).toEqual([2, 3])
      expect(logits.isfinite().all().item()).toBe(true)
    })
  })

  it.each([
    ['basic', 1 + 1 + 4 * 3 + 3 + 1],
    ['bottleneck', 1 + 1 + 4 * 4 + 4 + 1],
  ] as const)('has points that compute nothing, before each layer: %s', (block, count) => {
    const base = resNetConfig(18, { input, classes: 3, width: 4 })
    scope(() => {
      const model = new ResNet({ ...base, block, blocks: [1, 1, 1, 1] })
      initializeResNet(model)
      const x = torch.rand([2, 3, 64, 64])
      const plain = model.forward(x)
      const points = [...namedModules(model)].filter(([, each]) => each instanceof QuantPoint)
      const met: string[] = []
      for (const [name, point] of points)
        if (point instanceof QuantPoint)
          point.attach((at) => {
            met.push(name)
            return at
          })
      expect(model.forward(x).eq(plain).all().item()).toBe(true)
      expect(met).toHaveLength(count)
      expect(new Set(met)).toEqual(new Set(points.map(([name]) => name)))
      expect([met[0], met[1], met.at(-1)]).toEqual(['input', 'stem_point', 'pooled_point'])
    })
  })

  it('is counted: ResNet-50 of 224 pixels takes 4.09 billion products an image, as torchvision says', () => {
    const config = resNetConfig(50, { input: { channels: 3, height: 224, width: 224 }, classes: 1000 })
    expect(resNetFlops(config) / 6e9).toBeCloseTo(4.089, 3)
    expect(resNetFlops({ ...config, blocks: [2, 2, 2, 2], block: 'basic' }) / 6e9).toBeCloseTo(1.814, 3)
  })
})

describe('a configuration that is none', () => {
  const sound: ResNetConfig = resNetConfig(18, { input, classes: 10 })
  it.each([
    [{}, 'none'],
    [{ block: 'basics' }, 'block is "basics"; it must be "basic" or "bottleneck"'],
    [{ blocks: [2, 2, 2] }, 'blocks is [2,2,2]; it must be four whole numbers from 1 to 1000'],
    [{ blocks: [2, 2, 2, 1e9] }, 'blocks is [2,2,2,1000000000]; it must be four whole numbers'],
    [{ width: 0 }, 'width is 0; it must be a whole number of at least 1'],
    [{ classes: 1 }, 'classes is 1; it must be a whole number of at least 2'],
    [{ input: undefined }, 'input is undefined; it must be { channels, height, width }'],
    [{ input: { channels: 3, height: 8 } }, 'input.width is undefined'],
    [{ stem: { kernel: 4 } }, 'stem.kernel is 4; it must be an odd whole number'],
    [{ stem: { stride: 0 } }, 'stem.stride is 0'],
    [{ stem: { pool: 1 } }, 'stem.pool is 1; it must be true or false'],
    [{ stem: 7 }, 'stem is 7; it must be { kernel, stride, pool }'],
    [{ stem: { padding: 1 } }, 'stem.padding is unknown; use one of kernel, stride, pool'],
    [{ depth: 18 }, 'depth is unknown; use one of model_type, block'],
    [{ zeroInitResidual: 1 }, 'zeroInitResidual is 1; it must be true or false'],
  ])('%j', (change, wanted) => {
    const config = { ...sound, ...change } as ResNetConfig
    const issues = resNetIssues(config)
    expect(issues.join('\n') || 'none').toContain(wanted)
    if (issues.length > 0)
      expect(() => new ResNet(config)).toThrow(expect.objectContaining({ code: 'nn_invalid_model_config' }))
  })
})
