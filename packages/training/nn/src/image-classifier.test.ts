import { scope, setNumThreads, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ImageClassifier } from './image-classifier.ts'
import {
  type ClassifierLayer,
  classifierConfigIssues,
  classifierFlops,
  classifierTensors,
  type ImageClassifierConfig,
  numbersOf,
  shapesInto,
} from './image-classifier-config.ts'
import { initializeLayers } from './initialize-layers.ts'

setNumThreads(1)

const size = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most })
const layer: fc.Arbitrary<ClassifierLayer> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('conv' as const),
      channels: size(4),
      kernel: size(4),
      stride: size(3),
      padding: fc.nat(2),
    },
    { requiredKeys: ['kind', 'channels', 'kernel'] },
  ),
  fc.record({ kind: fc.constant('linear' as const), width: size(6) }),
  fc.record(
    { kind: fc.constantFrom('max-pool' as const, 'average-pool' as const), kernel: size(3), stride: size(3) },
    { requiredKeys: ['kind', 'kernel'] },
  ),
  fc.record({ kind: fc.constant('group-norm' as const), groups: size(3) }),
  fc.constantFrom<ClassifierLayer>(
    { kind: 'global-average-pool' },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'tanh' },
    { kind: 'gelu' },
    { kind: 'flatten' },
  ),
)
const config: fc.Arbitrary<ImageClassifierConfig> = fc.record({
  model_type: fc.constant('image_classifier' as const),
  input: fc.oneof(
    fc.record({ channels: size(3), height: size(9), width: size(9) }),
    fc.record({ features: size(9) }),
  ),
  layers: fc.array(layer, { maxLength: 5 }),
  classes: fc.integer({ min: 2, max: 4 }),
})

describe('an image classifier', () => {
  it('has the layers of its configuration, or the configuration has issues', () => {
    fc.assert(
      fc.property(config, (each) => {
        if (classifierConfigIssues(each).length > 0) {
          expect(() => new ImageClassifier(each)).toThrow(
            expect.objectContaining({ code: 'nn_invalid_model_config' }),
          )
          return
        }
        scope(() => {
          const model = new ImageClassifier(each)
          initializeLayers(model)
          const found = [...model.state()].map(([name, { shape }]) => ({ name, shape: [...shape] }))
          expect(found).toEqual([...classifierTensors(each)].map(({ name, shape }) => ({ name, shape })))
          const trained = [...classifierTensors(each)].filter(({ isBuffer }) => !isBuffer)
          expect([...model.parameters().keys()]).toEqual(trained.map(({ name }) => name))
          const shapes = shapesInto(each)
          const logits_bk = model.forward(torch.randn([2, ...shapes[0]!]))
          expect(logits_bk.shape).toEqual([2, each.classes])
          expect(logits_bk.isfinite().all().item()).toBe(true)
          const last = model.layers.reduce(
            (x, own, at) => {
              expect(x.shape).toEqual([2, ...shapes[at]!])
              return own.forward(x)
            },
            torch.randn([2, ...shapes[0]!]),
          )
          expect(numbersOf(last.shape.slice(1))).toBe(numbersOf(shapes.at(-1)!))
        })
      }),
      { numRuns: 150 },
    )
  })

  it('has a point where a tensor ends up in another layer, and each computes nothing', () => {
    const layers: ClassifierLayer[] = [
      { kind: 'conv', channels: 4, kernel: 3 },
      { kind: 'batch-norm' },
      { kind: 'relu' },
      { kind: 'max-pool', kernel: 2 },
      { kind: 'conv', channels: 4, kernel: 2 },
      { kind: 'group-norm', groups: 2 },
      { kind: 'flatten' },
      { kind: 'linear', width: 6 },
      { kind: 'gelu' },
    ]
    const input = { channels: 1, height: 8, width: 8 }
    scope(() => {
      const model = new ImageClassifier({ model_type: 'image_classifier', input, layers, classes: 3 })
      initializeLayers(model)
      const places = model.points.flatMap((point, index) => (point ? [layers[index]!.kind] : []))
      expect(places).toEqual(['relu', 'conv', 'group-norm', 'linear', 'gelu'])
      const x = torch.randn([2, 1, 8, 8])
      const plain = model.forward(x)
      const seen: (readonly number[])[] = []
      for (const point of [model.input, ...model.points])
        point?.attach((at) => {
          seen.push(at.shape)
          return at
        })
      expect(model.forward(x).eq(plain).all().item()).toBe(true)
      expect(seen).toEqual([
        [2, 1, 8, 8],
        [2, 4, 6, 6],
        [2, 4, 2, 2],
        [2, 4, 2, 2],
        [2, 6],
        [2, 6],
      ])
    })
  })

  it('is counted: Opacus’ network for MNIST', () => {
    const mnist: ImageClassifierConfig = {
      model_type: 'image_classifier',
      input: { channels: 1, height: 28, width: 28 },
      layers: [
        { kind: 'conv', channels: 16, kernel: 8, stride: 2, padding: 3 },
        { kind: 'relu' },
        { kind: 'max-pool', kernel: 2, stride: 1 },
        { kind: 'conv', channels: 32, kernel: 4, stride: 2 },
        { kind: 'relu' },
        { kind: 'max-pool', kernel: 2, stride: 1 },
        { kind: 'linear', width: 32 },
        { kind: 'relu' },
      ],
      classes: 10,
    }
    const numbers = [...classifierTensors(mnist)].reduce((sum, { shape }) => sum + numbersOf(shape), 0)
    // As documented.
    expect(numbers).toBe(26_010)
    // Places of each output times weights of one.
    expect(classifierFlops(mnist)).toBe(6 * (14 ** 2 * 16 * 64 + 25 * 32 * 16 * 16 + 512 * 32 + 320))
  })
})
