/** Residual networks as a run's model: trained, resumed bit-exactly, initialised from torchvision's weights, and unsupported settings. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSafetensors } from '@hadal/formats'
import { planTorchvision, type ResNetConfig, resNetFlops, resNetTensors } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  type HostTensor,
  newestWeights,
  planRun,
  type Run,
  type RunOptions,
  readTorchvision,
  type TrainEvent,
  train,
} from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { imageOptions, quarters, smallResNet } from './tiny-images.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-resnet-'))
afterAll(() => rmSync(root, { recursive: true }))

const bottlenecks: ResNetConfig = { ...smallResNet, block: 'bottleneck', zeroInitResidual: true }

async function eventsOf(run: Run): Promise<TrainEvent[]> {
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event)] })
  return events
}
const lossesOf = (events: readonly TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.loss] : []))

describe('a residual network', () => {
  it.each<[string, ResNetConfig, Partial<RunOptions<ResNetConfig>>]>([
    ['of basic blocks', smallResNet, {}],
    ['of bottlenecks', bottlenecks, { batch: { windows: 32, accumulate: 1 } }],
    ['in bf16', smallResNet, { precision: 'bf16' }],
  ])('learns, and its accuracy is reported: %s', async (name, model, change) => {
    const options = { ...imageOptions(join(root, `learns ${name}`), model), ...change }
    const events = await eventsOf(defineRun(options))
    const losses = lossesOf(events)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
    expect(events[0]).toMatchObject({ type: 'started', unit: 'images' })
    const last = events.filter(({ type }) => type === 'evaluated').at(-1)!
    expect(last.type === 'evaluated' && last.measures!.accuracy).toBeGreaterThan(0.8)
  })

  it('goes on to the bit, running statistics too', async () => {
    const run = (folder: string): Run => defineRun(imageOptions(join(root, folder), smallResNet))
    const whole = run('whole')
    await train(whole)
    const parts = run('parts')
    for (const stopAt of [7, 13, 24])
      await train(parts, {
        listeners: [
          (event, control) => void (event.type === 'step' && event.step === stopAt && control.stop('test')),
        ],
      })
    const weights = newestWeights(parts.folder)
    expect(weights).toEqual(newestWeights(whole.folder))
    const names = [...resNetTensors(smallResNet)].map(({ name }) => name)
    expect([...weights.keys()].sort()).toEqual(names.sort())
    expect(weights.get('layer2.0.bn1.running_mean')!.values.some((value) => value !== 0)).toBe(true)
  })

  it('gets adapters on its last layer, and keeps the rest with its statistics', async () => {
    const base = defineRun(imageOptions(join(root, 'base'), smallResNet))
    await train(base)
    const startFrom = newestWeights(base.folder)
    const { data: _, ...options } = imageOptions(join(root, 'adapted'), smallResNet)
    // Each class is another now.
    const turned = (labels: Int32Array): Int32Array => labels.map((label) => (label + 1) % 4)
    const run = defineRun({
      ...options,
      data: {
        train: { ...quarters(64, 0), labels: turned(quarters(64, 0).labels) },
        valid: { ...quarters(20, 1000), labels: turned(quarters(20, 1000).labels) },
      },
      startFrom,
      adapter: { rank: 4 },
    })
    const losses = lossesOf(await eventsOf(run))
    expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.8)
    expect([...newestWeights(run.folder).keys()].every((name) => name.startsWith('fc.'))).toBe(true)
  })

  it('is planned from its configuration', () => {
    const plan = planRun(defineRun(imageOptions(join(root, 'plan'), smallResNet)))
    expect(plan).toMatchObject({ unit: 'images', tokensPerStep: 8 })
    expect(plan.flopsPerToken).toBe(resNetFlops(smallResNet))
    const parameters = [...resNetTensors(smallResNet)].filter(({ isBuffer }) => !isBuffer)
    const numbers = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
    expect(plan.parameters).toBe(numbers)
  })
})

describe('weights of torchvision', () => {
  /** As in a `state_dict`. */
  function stateDict(name: string, change: (tensors: Map<string, HostTensor>) => void = () => {}): string {
    const tensors = new Map<string, HostTensor>(
      [...resNetTensors(smallResNet)].map(({ name, shape }, seed) => {
        const count = shape.reduce((a, b) => a * b, 1)
        const values = Float32Array.from({ length: count }, (_, at) => Math.sin(at * at + seed) / 2 + 0.6)
        return [name, { shape, values }]
      }),
    )
    change(tensors)
    const path = join(root, `${name}.safetensors`)
    const counts = [...tensors.keys()]
      .filter((each) => each.endsWith('running_var'))
      .map((each) => ({
        name: each.replace('running_var', 'num_batches_tracked'),
        shape: [],
        type: 'I64' as const,
        data: BigInt64Array.of(3n),
      }))
    const floats = [...tensors].map(([each, { shape, values }]) => ({
      name: each,
      shape,
      type: 'F32' as const,
      data: values,
    }))
    writeSafetensors(path, [...floats, ...counts])
    return path
  }
  const said = { size: [8, 8], stem: { stride: 1, pool: false } } as const

  it('say what network they are of, and a run begins with them, statistics too', async () => {
    const { model, startFrom } = readTorchvision(stateDict('weights'), said)
    expect(model).toEqual({ ...smallResNet, stem: { kernel: 3, stride: 1, pool: false } })
    const options = imageOptions(join(root, 'begun'), model)
    const run = defineRun({
      ...options,
      startFrom,
      // Too slow to change anything that shows.
      schedule: { peak: 1e-30, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
      checkpoint: { everySteps: 1, keep: 1 },
    })
    await train(run)
    const weights = newestWeights(run.folder)
    for (const name of ['conv1.weight', 'layer4.0.downsample.0.weight', 'fc.bias'])
      expect(weights.get(name)!.values).toEqual(startFrom.get(name)!.values)
    // A batch counts a tenth.
    const [before, after] = [startFrom, weights].map((each) => each.get('bn1.running_mean')!.values)
    const moved = after!.map((value, at) => value - 0.9 * before![at]!)
    expect(Math.max(...moved.map(Math.abs))).toBeLessThan(0.5)
    expect(after).not.toEqual(before)
  })

  it.each<[string, (tensors: Map<string, HostTensor>) => void, object, string, string]>([
    ['no stem', () => {}, {}, 'nn_invalid_model_config', 'conv1.weight is 3 by 3; set stem'],
    ['no last', (all) => all.delete('fc.weight'), said, 'nn_checkpoint_tensor_missing', 'fc.weight'],
    [
      'no mean',
      (all) => all.delete('bn1.running_mean'),
      said,
      'nn_checkpoint_tensor_missing',
      'bn1.running_mean of shape [4]',
    ],
    [
      'misshapen',
      (all) => all.set('layer3.0.bn2.bias', { shape: [1], values: Float32Array.of(1) }),
      said,
      'nn_checkpoint_shape_mismatch',
      'layer3.0.bn2.bias has shape [1]; the model expects [16]',
    ],
    [
      'more',
      (all) => all.set('conv1.bias', { shape: [4], values: new Float32Array(4) }),
      said,
      'nn_weights_mismatch',
      'conv1.bias is unknown to the model',
    ],
    [
      'a hole',
      (all) => {
        for (const name of all.keys()) if (name.startsWith('layer2.')) all.delete(name)
      },
      said,
      'nn_invalid_model_config',
      'blocks is [1,0,1,1]',
    ],
  ])('are rejected with every issue: %s', (name, change, options, code, message) => {
    const path = stateDict(name, change)
    const { issues } = planTorchvision(path, options)
    expect(issues).toEqual(
      expect.arrayContaining([expect.objectContaining({ code, message: expect.stringContaining(message) })]),
    )
    expect(() => readTorchvision(path, options)).toThrow(
      expect.objectContaining({ code: 'nn_checkpoint_invalid' }),
    )
  })

  it('are refused where there is no file', () => {
    expect(() => readTorchvision(join(root, 'nowhere.safetensors'))).toThrow('nowhere.safetensors is missing')
  })
})

describe('settings that do not apply to a residual network are issues', () => {
  const issuesOf = (change: object): string => {
    try {
      defineRun({ ...imageOptions('unused', smallResNet), ...change } as RunOptions)
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  const model = (change: object): object => ({ model: { ...smallResNet, ...change } })
  it.each([
    [{}, 'none'],
    [{ objective: { kind: 'tokens' } }, 'objective.kind is "tokens"; a ResNet learns classes'],
    [{ objective: { kind: 'classes', classes: 3 } }, 'objective.classes is 3; the model has 4 classes'],
    [{ evaluate: { everySteps: 1, samples: {} } }, 'evaluate.samples requires a language model'],
    [{ rates: {} }, 'rates require a language model, but the model is a ResNet'],
    [{ parallel: { data: 2 } }, 'parallel.data is 2; it parallelizes language models'],
    [{ checkpointing: { every: 1 } }, 'checkpointing.every is 1; a ResNet does not support checkpointing'],
    [
      { batch: { windows: 8, accumulate: 1, cacheRows: 2 } },
      'batch.cacheRows is 2; it applies only to contrastive',
    ],
    [{ precision: 'fp8' }, 'precision is "fp8", but the model is a ResNet: use'],
    [
      { adapter: { quantization: 'nf4' }, startFrom: new Map() },
      'adapter.quantization is "nf4", but the model is a ResNet',
    ],
    [{ privacy: { epsilon: 1, delta: 1e-5 } }, 'model is a ResNet, whose batch norms mix rows'],
    [model({ block: 'wide' }), 'model.block is "wide"; it must be "basic" or "bottleneck"'],
    [model({ input: { channels: 1, height: 9, width: 9 } }), 'data.train has samples of shape [1,8,8]'],
  ])('%j', (change, wanted) => {
    expect(issuesOf(change)).toContain(wanted)
  })
})
