/**
 * What both sides of a comparison are given: model, weights to begin with, windows and their order, as files in a folder.
 * Knows nothing about who carries it out.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSafetensors, writeSafetensors } from '@hadal/formats'
import {
  type AdamWOptions,
  BatchSampler,
  Decoder,
  type DecoderConfig,
  initializeDecoder,
  type LoraOptions,
  type LossScaleOptions,
  type Precision,
  type Windows,
} from '@hadal/nn'
import { manualSeed, scope } from '@hadal/tensor'
import type { Checkpointing, Weights } from '@hadal/train'

export interface Task {
  /** Its head is tied to the embedding. */
  readonly model: DecoderConfig
  readonly precision: Precision
  /** Of PyTorch alone: computes in bf16 over fp32 weights as `torch.autocast` does it. */
  readonly autocast?: boolean
  /** Of Hadal in fp16. */
  readonly lossScale?: Partial<LossScaleOptions>
  /** Trained beside the frozen weights, of Hadal alone. */
  readonly adapter?: Partial<LoraOptions>
  readonly threads: number
  /** Windows of one step. */
  readonly batchWindows: number
  /** Of the order of the windows. */
  readonly seed: number
  readonly schedule: {
    readonly peak: number
    readonly warmupSteps: number
    readonly totalSteps: number
    readonly floorFraction: number
  }
  readonly optimizer: AdamWOptions
  readonly clipNorm: number
  /** What is computed again on the way back; of Hadal alone. PyTorch's script checkpoints every layer where `every` is 1. */
  readonly checkpointing?: Checkpointing
  /** Steps; the held-out loss is measured after the last step in any case. */
  readonly evaluateEvery: number
}

export interface TaskFiles {
  readonly weights: Weights
  readonly train: Windows
  readonly valid: Windows
}

const taskFile = 'task.json'
const weightsFile = 'weights.safetensors'
const windowsFile = 'windows.safetensors'

/** `steps` are those that may be asked for: the order of the windows is written out that far, for PyTorch. */
export function writeTask(folder: string, task: Task, files: TaskFiles, steps: number): void {
  writeFileSync(join(folder, taskFile), JSON.stringify(task))
  writeSafetensors(
    join(folder, weightsFile),
    [...files.weights].map(([name, { shape, values }]) => ({ name, shape, type: 'F32', data: values })),
  )
  const order = new BatchSampler(files.train.count, task.seed).next(steps * task.batchWindows)
  writeSafetensors(join(folder, windowsFile), [
    ...(['train', 'valid'] as const).flatMap((part) =>
      (['inputs', 'targets'] as const).map((what) => ({
        name: `${part}.${what}`,
        shape: [files[part].count, files[part].length],
        type: 'I32' as const,
        data: files[part][what],
      })),
    ),
    { name: 'order', shape: [order.length], type: 'I32', data: Int32Array.from(order) },
  ])
}

export function freshWeights(model: DecoderConfig, seed: number): Weights {
  return scope(() => {
    manualSeed(seed)
    const parameters = new Decoder(model).parameters()
    initializeDecoder(parameters, model.num_hidden_layers)
    return new Map(
      [...parameters].map(([name, tensor]) => [
        name,
        { shape: [...tensor.shape], values: tensor.toTypedArray() as Float32Array },
      ]),
    )
  })
}

export function readTask(folder: string): { readonly task: Task } & TaskFiles {
  const task = JSON.parse(readFileSync(join(folder, taskFile), 'utf8')) as Task
  using weightFile = openSafetensors(join(folder, weightsFile))
  const weights = new Map(
    [...weightFile.tensors].map(([name, { shape }]) => [
      name,
      { shape, values: weightFile.readFloats(name) },
    ]),
  )
  using windowFile = openSafetensors(join(folder, windowsFile))
  const windows = (part: string): Windows => {
    const [count, length] = windowFile.tensors.get(`${part}.inputs`)!.shape as [number, number]
    const read = (what: string): Int32Array => new Int32Array(windowFile.read(`${part}.${what}`).buffer)
    return { count, length, inputs: read('inputs'), targets: read('targets') }
  }
  return { task, weights, train: windows('train'), valid: windows('valid') }
}
