import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeOnnx, type OnnxModel, type OnnxNode, readOnnx, writeOnnx } from '@hadal/formats'
import {
  BatchNorm2d,
  type ClassifierLayer,
  type Conv2d,
  createImageModel,
  FakeQuantization,
  type ImageClassifier,
  type ImageClassifierConfig,
  type ImageModel,
  type ImageModelConfig,
  imageInputShape,
  imageModelIssues,
  initializeImageModel,
  int8Weights,
  namedModules,
  QuantPoint,
  type ResNetConfig,
  replaceBatchNorms,
  uint8Activations,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { InferenceSession, Tensor as Ort } from 'onnxruntime-node'
import { afterAll, describe, expect, it } from 'vitest'
import { expectClose } from '../../../../tensor/test/expect-close.ts'
import { type CalibrationOptions, calibrate } from './calibrate.ts'
import { imageOnnx } from './image-onnx.ts'

setNumThreads(1)
const hasChecker = spawnSync('/usr/bin/python3', ['-c', 'import onnx']).status === 0
if (!hasChecker) console.warn('skipped, the official checker of ONNX: apt-get install python3-onnx')
const folder = mkdtempSync(join(tmpdir(), 'hadal-image-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

const size = (most: number, least = 1): fc.Arbitrary<number> => fc.integer({ min: least, max: most })
const layer: fc.Arbitrary<ClassifierLayer> = fc.oneof(
  fc.record({
    kind: fc.constant('conv' as const),
    channels: size(6),
    kernel: size(3),
    stride: size(2),
    padding: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('conv' as const), channels: size(6), kernel: size(3) }),
  fc.record({ kind: fc.constant('linear' as const), width: size(9) }),
  fc.record({ kind: fc.constantFrom('max-pool' as const, 'average-pool' as const), kernel: size(2, 2) }),
  fc.record({ kind: fc.constant('group-norm' as const), groups: size(2) }),
  fc.constantFrom<ClassifierLayer>(
    { kind: 'global-average-pool' },
    { kind: 'batch-norm' },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'relu' },
    { kind: 'tanh' },
    { kind: 'gelu' },
    { kind: 'flatten' },
  ),
)
const classifiers: fc.Arbitrary<ImageClassifierConfig> = fc
  .record({
    model_type: fc.constant('image_classifier' as const),
    input: fc.oneof(
      { weight: 4, arbitrary: fc.record({ channels: size(3), height: size(9, 4), width: size(9, 4) }) },
      { weight: 1, arbitrary: fc.record({ features: size(9) }) },
    ),
    layers: fc.array(layer, { minLength: 1, maxLength: 7 }),
    classes: size(5, 2),
  })
  .filter((config) => imageModelIssues(config).length === 0)
const resNets: fc.Arbitrary<ResNetConfig> = fc.record({
  model_type: fc.constant('resnet' as const),
  block: fc.constantFrom('basic' as const, 'bottleneck' as const),
  blocks: fc.tuple(size(2), size(1), size(1), size(1)),
  width: fc.constantFrom(4, 6),
  input: fc.record({ channels: size(3), height: size(20, 9), width: size(20, 9) }),
  classes: size(5, 2),
  stem: fc.record({ kernel: fc.constantFrom(3, 5), stride: size(2), pool: fc.boolean() }),
})

/** With statistics and weights as training leaves them: no norm is the identity. */
function made(config: ImageModelConfig, seed: number): ImageModel {
  manualSeed(seed)
  const model = createImageModel(config)
  initializeImageModel(model)
  noGrad(() => {
    for (const [, module] of namedModules(model))
      if (module instanceof BatchNorm2d) {
        module.weight.uniform_(0.5, 1.5)
        module.bias.uniform_(-0.5, 0.5)
        module.runningMean.uniform_(-0.3, 0.3)
        module.runningVar.uniform_(0.3, 1.5)
      }
  })
  return model
}

const samples = (config: ImageModelConfig, count: number): Tensor =>
  torch.rand([count, ...imageInputShape(config)])

interface Values {
  readonly shape: readonly number[]
  readonly values: Float32Array
}
const valuesOf = (tensor: Tensor): Values => ({
  shape: tensor.shape,
  values: tensor.toTypedArray() as Float32Array,
})

/** Every output in order. */
async function run(model: OnnxModel, feeds: Readonly<Record<string, Values>>): Promise<Float32Array[]> {
  const session = await InferenceSession.create(encodeOnnx(model), {
    intraOpNumThreads: 1,
    extra: { session: { x64quantprecision: '1' } },
    logSeverityLevel: 3,
  })
  const given = Object.entries(feeds).map(
    ([name, { shape, values }]) => [name, new Ort('float32', values, [...shape])] as const,
  )
  const found = await session.run(Object.fromEntries(given))
  await session.release()
  return model.graph.outputs.map(({ name }) => found[name]!.data as Float32Array)
}

const logitsOf = (model: ImageModel, { shape, values }: Values): Float32Array =>
  noGrad(() => scope(() => model.forward(torch.tensor(values, { shape })).toTypedArray() as Float32Array))

/** Number of logits that differ by more than one of 255 steps of the range. */
function beyondOneStep(found: Float32Array, wanted: Float32Array): number {
  const [least, most] = [Math.min(...wanted), Math.max(...wanted)]
  const step = (most - least) / 255 + 1e-5 * Math.max(Math.abs(least), Math.abs(most))
  return found.filter((value, at) => !(Math.abs(value - wanted[at]!) <= step)).length
}

/** Operators of the graph as onnxruntime runs it. */
async function fused(model: OnnxModel): Promise<string[]> {
  const path = join(folder, 'optimized.onnx')
  const options = { optimizedModelFilePath: path, graphOptimizationLevel: 'extended' as const }
  const session = await InferenceSession.create(encodeOnnx(model), { ...options, logSeverityLevel: 3 })
  await session.release()
  return readOnnx(path).graph.nodes.map(({ op }) => op)
}

/** Values of the model's quantisation points in a pass over x, and its logits. */
function activations(model: ImageModel, x: Tensor): Map<string, Values> {
  const seen = new Map<string, Values>()
  for (const [name, module] of namedModules(model)) {
    if (!(module instanceof QuantPoint)) continue
    const forward = module.forward.bind(module)
    module.forward = (given) => {
      const found = forward(given)
      seen.set(name, valuesOf(found))
      return found
    }
  }
  noGrad(() => scope(() => seen.set('logits', valuesOf(model.forward(x)))))
  return seen
}

/** The same graph with the values at the points in `names` as inputs, so that each layer is compared in isolation. */
function layerByLayer({ graph, ...model }: OnnxModel, names: readonly string[]): OnnxModel {
  const float = { element: 'float32' as const }
  const of = new Map(names.map((name) => [name, graph.nodes.find(({ outputs }) => outputs[0] === name)!]))
  const before = [...of].flatMap(([name, dequantize]): OnnxNode[] => {
    const [, scale, zero] = dequantize.inputs as [string, string, string]
    const node = { name: '', domain: '', attributes: new Map() }
    const integers = `${name}.integers`
    return [
      { ...node, op: 'QuantizeLinear', inputs: [`${name}.given`, scale, zero], outputs: [integers] },
      { ...node, op: 'DequantizeLinear', inputs: [integers, scale, zero], outputs: [`${name}.read`] },
    ]
  })
  const after = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (of.has(input) ? `${input}.read` : input)),
  }))
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...before, ...after],
      inputs: [...graph.inputs, ...names.map((name) => ({ name: `${name}.given`, type: float }))],
      outputs: [...graph.outputs, ...names.map((name) => ({ name, type: float }))],
    },
  }
}

/** Ten convolutions of up to 432 terms, and norms, which amplify differences of groups of few numbers. */
const closeness = { roundings: 3000, condition: 4 }
const configs = fc.oneof(classifiers, resNets)
const observers = fc.constantFrom('histogram' as const, 'min-max' as const, 'moving-average' as const)

const resNet: ResNetConfig = {
  model_type: 'resnet',
  block: 'basic',
  blocks: [1, 1, 1, 1],
  width: 4,
  input: { channels: 1, height: 16, width: 16 },
  classes: 4,
}
const classifier: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { channels: 1, height: 16, width: 16 },
  layers: [
    { kind: 'conv', channels: 4, kernel: 3 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'max-pool', kernel: 2 },
    { kind: 'conv', channels: 6, kernel: 3, padding: 1 },
    { kind: 'relu' },
    { kind: 'average-pool', kernel: 2 },
    { kind: 'flatten' },
    { kind: 'linear', width: 8 },
    { kind: 'relu' },
  ],
  classes: 3,
}
/** Each kind of layer that stays in fp32. */
const floating: ImageClassifierConfig = {
  ...classifier,
  layers: [
    { kind: 'batch-norm' },
    { kind: 'conv', channels: 4, kernel: 3 },
    { kind: 'group-norm', groups: 2 },
    { kind: 'gelu' },
    { kind: 'global-average-pool' },
    { kind: 'tanh' },
  ],
}

describe('an image model as ONNX', () => {
  it('computes in onnxruntime what it computes here', () =>
    fc.assert(
      fc.asyncProperty(configs, fc.nat(), (config, seed) =>
        scope(async () => {
          const model = made(config, seed)
          const x = valuesOf(samples(config, 3))
          const wanted = logitsOf(model, x)
          const [found] = await run(imageOnnx(model), { input: x })
          expectClose(found!, wanted, { ...closeness, scale: 1 })
        }),
      ),
      { numRuns: 40 },
    ))

  it('computes in each layer, in integers, what the fake-quantised layer does, within one step', async () => {
    let [all, other, beyond] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(configs, fc.nat(), observers, (config, seed, observer) =>
        scope(async () => {
          const model = made(config, seed)
          const quantization = calibrate(model, [samples(config, 16), samples(config, 16)], { observer })
          const grids = new Map(quantization.parameters().map((grid) => [grid.name, grid]))
          const x = samples(config, 16)
          const wanted = activations(model, x)
          const onnx = imageOnnx(model, { quantization: [...grids.values()] })
          // The first one is rounded here and there alike.
          const placed = new Set(
            onnx.graph.nodes.flatMap(({ op, outputs }) => (op === 'DequantizeLinear' ? outputs : [])),
          )
          const names = [...wanted.keys()].filter((name) => name !== 'input' && placed.has(name))
          const given = names.map((name) => [`${name}.given`, wanted.get(name)!] as const)
          const feeds = { input: valuesOf(x), ...Object.fromEntries(given) }
          const [logits, ...layers] = await run(layerByLayer(onnx, names), feeds)
          expect(beyondOneStep(logits!, wanted.get('logits')!.values)).toBe(0)
          layers.forEach((values, index) => {
            const own = wanted.get(names[index]!)!.values
            const [scale] = grids.get(names[index]!)!.scale
            const steps = values.map((value, at) => Math.round(Math.abs(value - own[at]!) / scale!))
            all += steps.length
            other += steps.filter((each) => each > 0).length
            beyond += steps.filter((each) => each > 1).length
          })
        }),
      ),
      { numRuns: 25 },
    )
    expect(all).toBeGreaterThan(10_000)
    expect(other / all).toBeLessThan(0.01)
    expect(beyond / all).toBeLessThan(0.001)
  })

  it('is within a step of 255 from its pixels to its logits, with layers of all kinds in it', async () => {
    let [all, beyond] = [0, 0]
    await fc.assert(
      fc.asyncProperty(classifiers, fc.nat(), (config, seed) =>
        scope(async () => {
          const model = made(config, seed)
          const quantization = calibrate(model, [samples(config, 32)])
          const x = valuesOf(samples(config, 64))
          const wanted = logitsOf(model, x)
          const [found] = await run(imageOnnx(model, { quantization: quantization.parameters() }), {
            input: x,
          })
          all += wanted.length
          beyond += beyondOneStep(found!, wanted)
        }),
      ),
      { numRuns: 40, seed: 7 },
    )
    // Values on a rounding boundary can round either way, and layers propagate that.
    expect(beyond / all).toBeLessThan(0.005)
  })

  it('is nothing but kernels of integers in onnxruntime', () =>
    scope(async () => {
      const of = (config: ImageModelConfig): OnnxModel => {
        const model = made(config, 3)
        return imageOnnx(model, { quantization: calibrate(model, [samples(config, 16)]).parameters() })
      }
      expect(await fused(of(classifier))).toEqual(
        'QuantizeLinear QLinearConv MaxPool QLinearConv QLinearAveragePool Flatten QGemm QGemm'.split(' '),
      )
      const plain = 'QLinearConv QLinearConv QLinearAdd'
      const narrowing = 'QLinearConv QLinearConv QLinearConv QLinearAdd'
      expect(await fused(of(resNet))).toEqual(
        `QuantizeLinear QLinearConv MaxPool ${plain} ${narrowing} ${narrowing} ${narrowing} QLinearGlobalAveragePool Flatten QGemm`.split(
          ' ',
        ),
      )
    }))

  it('has norms of groups where they were put in the place of norms of batches', () =>
    scope(async () => {
      for (const config of [classifier, resNet]) {
        const model = made(config, 3)
        replaceBatchNorms(model)
        const x = valuesOf(samples(config, 8))
        const plain = logitsOf(model, x)
        const [found] = await run(imageOnnx(model), { input: x })
        expectClose(found!, plain, closeness)
        const quantization = calibrate(model, [samples(config, 16)])
        const [rounded] = await run(imageOnnx(model, { quantization: quantization.parameters() }), {
          input: x,
        })
        const wanted = logitsOf(model, x)
        const far = rounded!.filter(
          (value, at) => Math.abs(value - wanted[at]!) > 0.05 * Math.max(...wanted.map(Math.abs)),
        )
        expect(far).toHaveLength(0)
      }
    }))

  it.each<[string, CalibrationOptions, readonly string[]]>([
    ['weights of 4 bits', { weights: { ...int8Weights, bits: 4 } }, ['int8']],
    ['one scale for each weight', { weights: { ...int8Weights, granularity: 'tensor' } }, ['int8']],
    ['weights of 7 bits', { weights: { ...int8Weights, reduceRange: true } }, ['int8']],
    ['unsigned weights', { weights: { ...int8Weights, symmetric: false, signed: false } }, ['uint8']],
    ['a layer that stays in fp32', { skip: ['layers.4'] }, ['int8', 'float32']],
    ['an activation that stays in fp32', { skip: ['points.2', 'points.5'] }, ['int8']],
    ['no quantised input', { skip: ['input'] }, ['int8']],
  ])('computes what the fake-quantised model does: %s', (_what, options, weightTypes) =>
    scope(async () => {
      const model = made(classifier, 5)
      const quantization = calibrate(model, [samples(classifier, 32)], options)
      const x = valuesOf(samples(classifier, 64))
      const onnx = imageOnnx(model, { quantization: quantization.parameters() })
      const weights = onnx.graph.initializers.filter(({ name }) => /weight(_quantized)?$/.test(name))
      expect(new Set(weights.map(({ type }) => type))).toEqual(new Set(weightTypes))
      const [found] = await run(onnx, { input: x })
      expect(beyondOneStep(found!, logitsOf(model, x))).toBe(0)
    }),
  )

  it('keeps activations of fewer bits within their grid', () =>
    scope(async () => {
      const model = made(classifier, 5)
      const activations = { ...uint8Activations, observer: 'min-max' as const, reduceRange: true }
      const quantization = new FakeQuantization(model, { weights: int8Weights, activations })
      quantization.setObserving(true)
      logitsOf(model, valuesOf(samples(classifier, 32)))
      quantization.setObserving(false)
      quantization.setQuantizing(true)
      // Beyond all that was seen.
      const x = valuesOf(samples(classifier, 64).mul(3))
      const [found] = await run(imageOnnx(model, { quantization: quantization.parameters() }), { input: x })
      expect(beyondOneStep(found!, logitsOf(model, x))).toBe(0)
    }))

  it('holds a bias that is far larger than the products it is added to', () =>
    scope(async () => {
      const model = made(classifier, 5) as ImageClassifier
      noGrad(() => {
        const conv = model.layers[4] as Conv2d
        conv.weight.mul_(1e-9)
        conv.bias!.fill_(3)
      })
      const quantization = calibrate(model, [samples(classifier, 32)])
      const x = valuesOf(samples(classifier, 16))
      const [found] = await run(imageOnnx(model, { quantization: quantization.parameters() }), { input: x })
      const wanted = logitsOf(model, x)
      found!.forEach((value, at) => {
        expect(value).toBeCloseTo(wanted[at]!, 3)
      })
    }))

  it('describes its input and classes, and returns probabilities when requested', () =>
    scope(async () => {
      const model = made(classifier, 5)
      const facts = { normalization: { mean: 0.5, std: [0.25] }, classNames: ['a', 'b', 'c'] }
      const onnx = imageOnnx(model, { softmax: true, facts, name: 'mine' })
      expect(Object.fromEntries(onnx.metadata)).toEqual({
        'hadal.input': JSON.stringify({ shape: [1, 16, 16], scale: 1 / 255, mean: [0.5], std: [0.25] }),
        'hadal.classes': '["a","b","c"]',
      })
      expect(onnx.graph).toMatchObject({
        name: 'mine',
        inputs: [{ name: 'input', type: { element: 'float32', shape: ['batch', 1, 16, 16] } }],
        outputs: [{ name: 'probabilities', type: { element: 'float32', shape: ['batch', 3] } }],
      })
      const [found] = await run(onnx, { input: valuesOf(samples(classifier, 2)) })
      for (const row of [0, 3]) expect(found![row]! + found![row + 1]! + found![row + 2]!).toBeCloseTo(1, 5)
      const quantization = calibrate(model, [samples(classifier, 4)]).parameters()
      expect(imageOnnx(model, { quantization }).metadata.get('hadal.quantization')).toBe('int8')
    }))

  it('is refused by name where there is no form for it', () => {
    scope(() => {
      const refused = (what: string): unknown =>
        expect.objectContaining({ code: 'train_onnx_unsupported', message: expect.stringContaining(what) })
      const model = made(classifier, 5) as ImageClassifier
      expect(() => calibrate(model, [])).toThrow(expect.objectContaining({ code: 'train_calibration_empty' }))
      const weights = { ...int8Weights, granularity: { group: 4 } }
      const byGroup = calibrate(model, [samples(classifier, 4)], { weights })
      expect(() => imageOnnx(model, { quantization: byGroup.parameters() })).toThrow(
        refused('cannot export layers.4 to ONNX: its weight has a scale for every 4 values'),
      )
      byGroup.detach()
      model.head.adapt((_x, y) => y)
      expect(() => imageOnnx(model)).toThrow(
        refused('cannot export head (Linear) to ONNX: it has an adapter'),
      )
      expect(() => imageOnnx(model.head)).toThrow(
        refused('cannot export Linear to ONNX: it is not an image classifier'),
      )
    })
  })

  it.skipIf(!hasChecker)('passes the official checker, shapes inferred', () => {
    const paths = scope(() =>
      [classifier, floating, resNet, { ...resNet, block: 'bottleneck' as const }].flatMap((config, index) => {
        const model = made(config, index)
        const plain = imageOnnx(model, { softmax: index === 0 })
        const quantization = calibrate(model, [samples(config, 8)]).parameters()
        return [plain, imageOnnx(model, { quantization })].map((onnx, form) => {
          const path = join(folder, `${index}-${form}.onnx`)
          writeOnnx(path, onnx)
          return path
        })
      }),
    )
    const program = `
import sys, onnx
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {v.name for v in [*inferred.graph.value_info, *inferred.graph.output, *inferred.graph.input]}
    missing = [o for n in model.graph.node for o in n.output if o not in known]
    print(len(missing), [d.dim_param or d.dim_value for d in inferred.graph.output[0].type.tensor_type.shape.dim])
`
    const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program, ...paths], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
    const shape = (classes: number): string => `0 ['batch', ${classes}]`
    expect(stdout.trim().split('\n')).toEqual([3, 3, 3, 3, 4, 4, 4, 4].map(shape))
  })
})
