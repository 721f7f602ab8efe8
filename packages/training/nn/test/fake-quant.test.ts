/**
 * Observers, fake quantisation and training with both alongside torch.ao.quantization: cases that were drawn once, with PyTorch's
 * answers, in `reference/fake_quant.json`; where PyTorch is installed, those answers again, and cases drawn again. `RECORD=1`
 * writes the file, which biome formats then.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  BatchNorm2d,
  Conv2d,
  convNorm,
  createObserver,
  FakeQuantization,
  type FakeQuantScheme,
  fakeQuantize,
  int8Weights,
  Linear,
  loadParameters,
  Module,
  QuantPoint,
  quantRange,
  rowCount,
  scaleAndZero,
  setTraining,
  toRows,
  uint8Activations,
} from '@hadal/nn'
import { grad, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasTorch } from './reference/torch-installed.ts'

setNumThreads(1)

interface Values {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface ObservedCase {
  readonly kind: 'observed'
  readonly scheme: FakeQuantScheme
  /** Before `reduceRange`. */
  readonly range: readonly [number, number]
  readonly batches: readonly Values[]
  readonly dy: Values
}
interface ObservedResult {
  readonly steps: readonly {
    readonly scale: number[]
    readonly zeroPoint: number[]
    readonly y: number[]
    readonly dx: number[]
  }[]
  readonly min: number[]
  readonly max: number[]
  readonly range: [number, number]
  readonly histogram?: number[]
}
interface TrainedCase {
  readonly kind: 'trained'
  readonly bias: boolean
  readonly state: Readonly<Record<string, Values>>
  readonly steps: readonly {
    readonly x: Values
    readonly dy: Values
    readonly frozenNorms: boolean
    readonly frozenObservers: boolean
  }[]
}
interface TrainedResult {
  /** How far, in steps, the nearest value was from being rounded the other way. */
  readonly margin?: number
  readonly steps: readonly {
    readonly y: number[]
    readonly gradients: number[][]
    readonly runningMean: number[]
    readonly runningVar: number[]
  }[]
  readonly scales: Readonly<Record<string, number[]>>
}

const tensorOf = ({ data, shape }: Values): Tensor => torch.tensor(Float32Array.from(data), { shape })
const numbers = (tensor: Tensor): number[] => [...(tensor.flatten().toTypedArray() as Float32Array)]

function observed({ scheme, batches, dy }: ObservedCase): ObservedResult {
  return scope(() => {
    const rows = rowCount(dy.shape, scheme.granularity)!
    const observer = createObserver(scheme, rows, 'cpu')
    const observe = (x: Tensor): void => noGrad(() => observer.observe(toRows(x, scheme.granularity)))
    const isHistogram = scheme.observer === 'histogram'
    if (isHistogram) for (const batch of batches.slice(0, -1)) observe(tensorOf(batch))
    const steps = (isHistogram ? batches.slice(-1) : batches).map((batch) => {
      const x = tensorOf(batch).requiresGrad_()
      observe(x)
      const scales = scaleAndZero(...observer.range(), scheme)
      const y = fakeQuantize(x, scales, quantRange(scheme), scheme.granularity)
      const [dx] = grad(y, [x], { gradOutputs: [tensorOf(dy)] })
      return {
        scale: numbers(scales.scale_n),
        zeroPoint: scales.zero_n.toArray() as number[],
        y: numbers(y),
        dx: numbers(dx!),
      }
    })
    const state = observer.state()
    const { quantMin, quantMax } = quantRange(scheme)
    const histogram = state.get('histogram')
    return {
      steps,
      min: numbers(state.get('min')!),
      max: numbers(state.get('max')!),
      range: [quantMin, quantMax],
      ...(histogram && { histogram: numbers(histogram) }),
    }
  })
}

class Net extends Module {
  readonly conv: Conv2d
  readonly norm: BatchNorm2d = new BatchNorm2d(4, 'float32')
  readonly head: Linear = new Linear(4, 3, 'float32', true)
  readonly point0: QuantPoint = new QuantPoint()
  readonly point1: QuantPoint = new QuantPoint()
  readonly point2: QuantPoint = new QuantPoint()

  constructor(bias: boolean) {
    super()
    this.conv = new Conv2d(2, 4, 3, 'float32', { stride: 2, padding: 1, bias })
  }

  forward(x: Tensor): Tensor {
    const hidden = this.point1.forward(convNorm(this.conv, this.norm, this.point0.forward(x)).relu())
    return this.head.forward(this.point2.forward(hidden.mean([2, 3])))
  }
}

function trained({ bias, state, steps }: TrainedCase): TrainedResult {
  return scope(() => {
    const net = new Net(bias)
    loadParameters(net.state(), new Map(Object.entries(state).map(([name, each]) => [name, tensorOf(each)])))
    setTraining(net, true)
    const weights: FakeQuantScheme = { ...int8Weights, observer: 'moving-average' }
    const quantization = new FakeQuantization(net, { weights, activations: uint8Activations })
    quantization.setQuantizing(true)
    const parameters = [...net.parameters().values()]
    const results = steps.map(({ frozenNorms, frozenObservers, ...step }) => {
      quantization.freezeNorms(frozenNorms)
      quantization.setObserving(!frozenObservers)
      const x = tensorOf(step.x).requiresGrad_()
      const y = net.forward(x)
      const gradients = grad(y, [x, ...parameters], { gradOutputs: [tensorOf(step.dy)] })
      noGrad(() => {
        for (const [at, parameter] of parameters.entries())
          parameter.sub_(gradients[at + 1]!, { alpha: 0.05 })
      })
      return {
        y: numbers(y),
        gradients: gradients.map(numbers),
        runningMean: numbers(net.norm.runningMean),
        runningVar: numbers(net.norm.runningVar),
      }
    })
    const scales = Object.fromEntries(quantization.parameters().map(({ name, scale }) => [name, scale]))
    return { steps: results, scales }
  })
}

const usualObservers = ['min-max', 'moving-average'] as const

const scheme: fc.Arbitrary<FakeQuantScheme> = fc
  .record({
    bits: fc.constantFrom(8, 8, 4, 2, 6),
    symmetric: fc.boolean(),
    signed: fc.boolean(),
    granularity: fc.constantFrom('tensor' as const, 'channel' as const, { group: 4 }),
    observer: fc.constantFrom(...usualObservers, ...usualObservers, 'histogram' as const),
    averaging: fc.constantFrom(undefined, 0.01, 0.3, 1),
    reduceRange: fc.boolean(),
    narrow: fc.boolean(),
  })
  .map(({ averaging, narrow, ...each }) => ({
    ...each,
    granularity: each.observer === 'histogram' ? 'tensor' : each.granularity,
    reduceRange: each.reduceRange && (each.signed || !each.symmetric),
    ...(each.signed && each.symmetric && { narrow }),
    ...(each.observer === 'moving-average' && averaging !== undefined && { averaging }),
  }))

/** Evenly spread, as doubles are not: most of those are next to zero. */
const float = (from: number, to: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 2 ** 24 }).map((at) => Math.fround(from + (at / 2 ** 24) * (to - from)))

const valuesOf = (shape: readonly number[], value: fc.Arbitrary<number>): fc.Arbitrary<Values> => {
  const length = shape.reduce((product, size) => product * size, 1)
  return fc.array(value, { minLength: length, maxLength: length }).map((data) => ({ shape, data }))
}

/** Batches of different sizes and places, some all of one sign, some constant. */
const batch = fc
  .tuple(valuesOf([3, 8], float(-1, 1)), fc.constantFrom(1e-6, 0.1, 1, 30, 0), fc.constantFrom(0, 0, 1, -40))
  .map(([{ shape, data }, size, shift]) => ({
    shape,
    data: data.map((each) => Math.fround(each * size + shift)),
  }))

const observedCase: fc.Arbitrary<ObservedCase> = fc
  .tuple(scheme, fc.array(batch, { minLength: 1, maxLength: 5 }), valuesOf([3, 8], float(-2, 2)))
  .map(([each, batches, dy]) => {
    const { quantMin, quantMax } = quantRange({ ...each, reduceRange: false })
    return { kind: 'observed' as const, scheme: each, range: [quantMin, quantMax], batches, dy }
  })

/** Without the extremes that are drawn with preference elsewhere: they lie between two levels. */
const trainedCase: fc.Arbitrary<TrainedCase> = fc.noBias(
  fc.boolean().chain((bias) => {
    const step = (frozenNorms: boolean, frozenObservers: boolean) =>
      fc.record({
        x: valuesOf([4, 2, 5, 5], float(-2, 2)),
        dy: valuesOf([4, 3], float(-1, 1)),
        frozenNorms: fc.constant(frozenNorms),
        frozenObservers: fc.constant(frozenObservers),
      })
    return fc.record({
      kind: fc.constant('trained' as const),
      bias: fc.constant(bias),
      state: fc.record({
        'conv.weight': valuesOf([4, 2, 3, 3], float(-0.5, 0.5)),
        ...(bias && { 'conv.bias': valuesOf([4], float(-1, 1)) }),
        'norm.weight': valuesOf([4], float(0.3, 2)),
        'norm.bias': valuesOf([4], float(-1, 1)),
        'norm.running_mean': valuesOf([4], float(-1, 1)),
        'norm.running_var': valuesOf([4], float(0.2, 3)),
        'head.weight': valuesOf([3, 4], float(-1, 1)),
        'head.bias': valuesOf([3], float(-1, 1)),
      }),
      steps: fc.tuple(step(false, false), step(false, false), step(true, false), step(true, true)),
    })
  }),
)

type Case = ObservedCase | TrainedCase
type Result = ObservedResult | TrainedResult
const drawn = (seed: number, count: number, trainedCount = 8): Case[] => [
  ...fc.sample(observedCase, { seed, numRuns: count }),
  ...fc.sample(trainedCase, { seed, numRuns: trainedCount }),
]
const resultOf = (each: Case): Result => (each.kind === 'observed' ? observed(each) : trained(each))

const reference = (name: string): string => fileURLToPath(new URL(`./reference/${name}`, import.meta.url))

function fromPyTorch(cases: readonly Case[]): Result[] {
  const { stdout, stderr } = spawnSync('/usr/bin/python3', [reference('fake_quant.py')], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Result[]
}

/** In training the last bits differ, and what lies between two levels may be rounded to the other one: such cases say nothing. */
const isClear = (result: Result): boolean => !('margin' in result) || result.margin! > 2e-4

if (process.env.RECORD) {
  const drawnCases = drawn(41, 12, 4)
  const results = fromPyTorch(drawnCases)
  const cases = drawnCases.filter((_, at) => isClear(results[at]!))
  const text = JSON.stringify({ cases, results: results.filter(isClear) })
  writeFileSync(reference('fake_quant.json'), `${text}\n`)
}

const recorded = JSON.parse(readFileSync(reference('fake_quant.json'), 'utf8')) as {
  readonly cases: Case[]
  readonly results: Result[]
}

/** Every number by its path. */
function flatten(value: unknown, path = '', into = new Map<string, number>()): Map<string, number> {
  if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) flatten(item, `${path}/${key}`, into)
  else into.set(path, Number(value))
  return into
}

/** `tolerance`: how far two numbers may be apart, as a part of what they are. */
function expectNear(each: Case, wanted: Result, tolerance: number): void {
  const { margin: _, ...result } = wanted as TrainedResult
  const [ours, theirs] = [flatten(resultOf(each)), flatten(result)]
  expect([...ours.keys()]).toEqual([...theirs.keys()])
  const far = [...theirs].flatMap(([path, value]) => {
    const own = ours.get(path)!
    return Math.abs(own - value) <= tolerance * Math.max(1, Math.abs(value))
      ? []
      : `${path}: ${own} not ${value}`
  })
  expect(far, JSON.stringify(each)).toEqual([])
}

describe('compared with torch.ao.quantization', () => {
  it.each(recorded.cases.map((each, at) => [each.kind, at] as const))(
    'what is %s is what was recorded of PyTorch (%i)',
    (_, at) => {
      expectNear(recorded.cases[at]!, recorded.results[at]!, 2e-5)
    },
  )

  const installed = hasTorch()
  it.skipIf(!installed)(
    'observed ranges, scales, values and gradients are PyTorch’s to the bit, in training to rounding',
    () => {
      const cases = [...recorded.cases, ...drawn(Math.trunc(Math.random() * 2 ** 31), 40)]
      const results = fromPyTorch(cases)
      for (const [at, each] of cases.entries())
        if (isClear(results[at]!)) expectNear(each, results[at]!, each.kind === 'observed' ? 0 : 2e-5)
      expect(results.filter((result) => 'margin' in result && isClear(result)).length).toBeGreaterThan(1)
    },
  )
})
