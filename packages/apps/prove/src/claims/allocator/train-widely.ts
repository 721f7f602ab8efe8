/**
 * Training steps of a narrow classifier on many rows, dominated by activations of 64 MiB each: once as a naive loop with all rows in one
 * pass, and once with the trainer, which splits a batch that does not fit.
 */

import {
  AdamW,
  adamWDefaults,
  classLoss,
  ImageClassifier,
  type ImageClassifierConfig,
  initializeLayers,
  MasterWeights,
} from '@hadal/nn'
import { manualSeed, scope, torch } from '@hadal/tensor'
import { defineRun, type LabelledImages, train } from '@hadal/train'
import type { AttemptJob, AttemptResult } from './attempt-job.ts'

type TrainJob = Extract<AttemptJob, { kind: 'train' }>
type Course = Pick<AttemptResult, 'losses' | 'parts'>

const [rows, features, width, depth, classes] = [262_144, 16, 64, 3, 8]
const rate = 1e-3

const model: ImageClassifierConfig = {
  model_type: 'image_classifier',
  input: { features },
  layers: Array.from({ length: 2 * depth }, (_, at) =>
    at % 2 === 0 ? { kind: 'linear', width } : { kind: 'gelu' },
  ),
  classes,
}

/** `told` receives the progress after each step, for the case that there is no next one. */
export const trainWidely = (job: TrainJob, told: (course: Course) => void): Promise<Course> =>
  job.by === 'trainer' ? withTrainer(job, told) : inPlainLoop(job, told)

async function inPlainLoop({ seed, steps }: TrainJob, told: (course: Course) => void): Promise<Course> {
  const losses: number[] = []
  return scope(() => {
    manualSeed(seed)
    const network = new ImageClassifier(model)
    initializeLayers(network)
    const weights = new MasterWeights(network)
    const optimizer = new AdamW(weights.masters, { ...adamWDefaults })
    const { pixels, labels } = drawRows(seed)
    const x_bd = torch.tensor(pixels as Float32Array, { shape: [rows, features] })
    const targets_b = torch.tensor(labels).long()
    for (let step = 0; step < steps; step += 1)
      scope(() => {
        const loss = classLoss(network.forward(x_bd), targets_b, {
          classWeights: undefined,
          labelSmoothing: 0,
        }).sum.div(rows)
        optimizer.update(weights.gradients(loss), rate)
        losses.push(loss.item() as number)
        told({ losses, parts: 1 })
      })
    return { losses, parts: 1 }
  })
}

async function withTrainer(
  { seed, steps, folder }: TrainJob,
  told: (course: Course) => void,
): Promise<Course> {
  const losses: number[] = []
  let parts = 1
  const data = drawRows(seed)
  const few = { ...data, pixels: data.pixels.slice(0, 64 * features), labels: data.labels.slice(0, 64) }
  const run = defineRun({
    ...{ name: 'wide', folder, seed, model, guard: false },
    data: { train: data, valid: few },
    batch: { windows: rows, accumulate: 1 },
    schedule: { peak: rate, warmupSteps: 0, totalSteps: steps, floorFraction: 1 },
    evaluate: { everySteps: steps },
    checkpoint: { everySteps: steps, keep: 1 },
  })
  await train(run, {
    listeners: [
      (event) => {
        if (event.type === 'split') parts = event.parts
        if (event.type !== 'step') return
        losses.push(event.loss)
        told({ losses, parts })
      },
    ],
  })
  return { losses, parts }
}

function drawRows(seed: number): LabelledImages {
  return scope(() => {
    manualSeed(seed)
    const x_bd = torch.randn([rows, features])
    const labels_b = x_bd
      .matmul(torch.randn([features, classes]))
      .argmax(1)
      .int()
    return {
      shape: [features],
      pixels: x_bd.toTypedArray() as Float32Array,
      labels: labels_b.toTypedArray() as Int32Array,
    }
  })
}
