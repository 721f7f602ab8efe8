/** Layers of images and sequences against PyTorch's, in values, gradients and running statistics, and how they begin. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  BatchNorm2d,
  Conv1d,
  Conv2d,
  GroupNorm,
  initializeLayers,
  LayerNorm,
  Linear,
  loadParameters,
  Module,
  onDevice,
  setTraining,
} from '@hadal/nn'
import { grad, manualSeed, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'
import { hasTorch } from './reference/torch-installed.ts'

type Layer = Module & { forward(x: Tensor): Tensor }

interface Case {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
  readonly make: () => Layer
  readonly x: readonly number[]
  readonly training?: boolean
}

const cases: readonly Case[] = [
  {
    kind: 'LayerNorm',
    options: { normalized_shape: 6 },
    make: () => new LayerNorm(6, 1e-5, 'float32'),
    x: [2, 3, 6],
  },
  {
    kind: 'LayerNorm',
    options: { normalized_shape: 6, bias: false, eps: 0.01 },
    make: () => new LayerNorm(6, 0.01, 'float32', false),
    x: [2, 3, 6],
  },
  {
    kind: 'GroupNorm',
    options: { num_groups: 2, num_channels: 6 },
    make: () => new GroupNorm(2, 6, 1e-5, 'float32'),
    x: [2, 6, 3, 4],
  },
  {
    kind: 'Conv1d',
    options: {
      in_channels: 4,
      out_channels: 6,
      kernel_size: 3,
      stride: 2,
      padding: 1,
      dilation: 2,
      groups: 2,
    },
    make: () => new Conv1d(4, 6, 3, 'float32', { stride: 2, padding: 1, dilation: 2, groups: 2 }),
    x: [2, 4, 9],
  },
  {
    kind: 'Conv2d',
    options: { in_channels: 3, out_channels: 5, kernel_size: 3 },
    make: () => new Conv2d(3, 5, 3, 'float32'),
    x: [2, 3, 6, 5],
  },
  {
    kind: 'Conv2d',
    options: {
      in_channels: 4,
      out_channels: 6,
      kernel_size: [2, 3],
      stride: [2, 1],
      padding: [0, 2],
      dilation: [1, 2],
      groups: 2,
      bias: false,
    },
    make: () =>
      new Conv2d(4, 6, [2, 3], 'float32', {
        stride: [2, 1],
        padding: [0, 2],
        dilation: [1, 2],
        groups: 2,
        bias: false,
      }),
    x: [2, 4, 6, 5],
  },
  ...[true, false].map((training) => ({
    kind: 'BatchNorm2d',
    options: { num_features: 3, momentum: 0.3 },
    make: () => new BatchNorm2d(3, 'float32', { momentum: 0.3 }),
    x: [4, 3, 2, 5],
    training,
  })),
]

const formula = (shape: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + seed) / 2)
const state = (layer: Module): Map<string, Tensor> =>
  new Map(
    [...layer.state()].map(([name, { shape }], i) => {
      const data = formula(shape, i).map((value) => (name === 'running_var' ? value ** 2 + 0.5 : value))
      return [name, torch.tensor(data, { shape: [...shape] })]
    }),
  )
const plain = (tensor: Tensor) => ({ shape: tensor.shape, data: [...tensor.flatten().toTypedArray()] })

beforeAll(() => setNumThreads(1))

describe.skipIf(!hasTorch())('layers against PyTorch', () => {
  interface Result {
    readonly shape: readonly number[]
    readonly y: readonly number[]
    readonly x: readonly number[]
    readonly gradients: Readonly<Record<string, readonly number[]>>
    readonly buffers: Readonly<Record<string, readonly number[]>>
  }
  let results: readonly Result[]

  beforeAll(() => {
    const given = scope(() =>
      cases.map(({ kind, options, make, x, training = false }) => {
        const layer = make()
        const dyShape = layer.forward(torch.zeros([...x])).shape
        return {
          kind,
          options,
          training,
          state: Object.fromEntries([...state(layer)].map(([name, tensor]) => [name, plain(tensor)])),
          x: { shape: x, data: [...formula(x, 5)] },
          dy: { shape: dyShape, data: [...formula(dyShape, 7)] },
        }
      }),
    )
    const script = fileURLToPath(new URL('./reference/layers.py', import.meta.url))
    const { stdout, stderr } = spawnSync('/usr/bin/python3', [script], {
      input: JSON.stringify(given),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    results = JSON.parse(stdout) as Result[]
  })

  /** The sum of a layer has 100 terms at most, that of a gradient as many as there are samples and places. */
  const closeness = { roundings: 300 }

  it.each(cases.map((each, i) => [each.kind, i, each] as const))('%s (%i)', (_, i, { make, x, training }) => {
    scope(() => {
      const layer = make()
      loadParameters(layer.state(), state(layer))
      setTraining(layer, training ?? false)
      const input = torch.tensor(formula(x, 5), { shape: [...x] }).requiresGrad_(true)
      const y = layer.forward(input)
      const wanted = results[i]!
      expect(y.shape).toEqual(wanted.shape)
      expectClose(y, wanted.y, closeness)
      const parameters = layer.parameters()
      const dy = torch.tensor(formula(y.shape, 7), { shape: [...y.shape] })
      const [dx, ...gradients] = grad([y], [input, ...parameters.values()], { gradOutputs: [dy] })
      const names = Object.keys(wanted.gradients)
      expect([...parameters.keys()]).toEqual(names)
      expectAllClose(
        [dx!, ...gradients],
        [wanted.x, ...names.map((name) => wanted.gradients[name]!)],
        // The terms of the gradient of a bias nearly cancel.
        { ...closeness, scale: dy.norm().item() as number },
        ['x', ...names],
      )
      expect([...layer.buffers().keys()]).toEqual(Object.keys(wanted.buffers))
      for (const [name, tensor] of layer.buffers())
        expectClose(tensor, wanted.buffers[name]!, closeness, name)
    })
  })
})

describe('layers', () => {
  class Net extends Module {
    readonly conv1 = new Conv2d(3, 8, 5, 'float32')
    readonly bn1 = new BatchNorm2d(8, 'float32')
    readonly fc = new Linear(16, 4, 'float32', true)
  }

  it('separate buffers from parameters, and checkpoints hold both', () => {
    scope(() => {
      const net = new Net()
      const buffers = ['bn1.running_mean', 'bn1.running_var']
      expect([...net.buffers().keys()]).toEqual(buffers)
      expect([...net.state().keys()].filter((name) => !net.parameters().has(name))).toEqual(buffers)
      expect(onDevice('meta', () => new Net()).bn1.runningVar.device).toBe('meta')
      expect(setTraining(net, true)).toBe(undefined)
      expect(net.bn1.training).toBe(true)
    })
  })

  it('begin as in PyTorch', () => {
    scope(() => {
      manualSeed(1)
      const net = new Net()
      initializeLayers(net)
      const largest = (tensor: Tensor): number => tensor.abs().max().item() as number
      for (const [tensor, bound] of [
        [net.conv1.weight, 1 / Math.sqrt(75)],
        [net.conv1.bias!, 1 / Math.sqrt(75)],
        [net.fc.weight, 1 / 4],
        [net.fc.bias!, 1 / 4],
      ] as const) {
        expect(largest(tensor)).toBeLessThanOrEqual(bound)
        expect(largest(tensor)).toBeGreaterThan(bound / 2)
      }
      const { weight, bias, runningMean, runningVar } = net.bn1
      for (const [tensor, value] of [
        [weight, 1],
        [bias, 0],
        [runningMean, 0],
        [runningVar, 1],
      ] as const)
        expect(tensor.eq(value).all().item()).toBe(true)
    })
  })

  it('compute in bf16, the running statistics in fp32', () => {
    scope(() => {
      const norm = new BatchNorm2d(3, 'bfloat16')
      initializeLayers(norm)
      norm.training = true
      const x = torch.randn([4, 3, 2, 2])
      const y = norm.forward(x.bfloat16())
      expect([y.dtype, norm.runningVar.dtype]).toEqual(['bfloat16', 'float32'])
      expect(
        norm.runningMean
          .sub(x.mean([0, 2, 3]).mul(0.1))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-2)
    })
  })
})
