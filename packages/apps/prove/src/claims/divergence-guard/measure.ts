/**
 * A small classifier in Hadal's training loop with corrupted data in the middle: in some batches, values are 255 times too large, as if a
 * loader had not scaled bytes. Compares the undisturbed run with disturbed runs without the guard and with its defaults.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isHadalError } from '@hadal/base'
import { type OptimizerChoice, sgdDefaults } from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import { defineRun, type LabelledImages, type TrainEvent, train } from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'

export type Disturbance =
  /** `count` batches in a row are read 255 times too large. */
  | { readonly kind: 'broken-batches'; readonly count: number }
  /** The whole run is at a rate that is `times` the good one. */
  | { readonly kind: 'high-rate'; readonly times: number }

/** `sgd`: momentum, nothing clipped. `adamw`: gradients clipped to 1. */
export type Setting = 'sgd' | 'adamw'

export interface GuardedRun {
  readonly seed: number
  readonly setting: Setting
  /** null: undisturbed. */
  readonly disturbance: Disturbance | null
  readonly guarded: boolean
  /** null: the run ended with an error; `failure` is its code. */
  readonly validLoss: number | null
  readonly failure: string | null
  readonly interventions: readonly string[]
  readonly stepsAbove100: number
  /** Norm of every gradient that was applied, before clipping; of the first seed alone. */
  readonly norms: readonly number[]
}

export interface DivergenceRaw {
  readonly classes: number
  readonly steps: number
  readonly runs: readonly GuardedRun[]
}

const [features, classes, width] = [32, 10, 64]
const [trainCount, validCount, batchRows] = [4000, 1000, 64]
const steps = 200
/** Times too large that broken batches are: bytes for shares of one. */
const broken = 255
const peaks: Readonly<Record<Setting, number>> = { sgd: 0.3, adamw: 3e-3 }

export async function measureGuard({
  mode,
  seed,
  folder,
  note,
  signal,
}: ClaimContext): Promise<DivergenceRaw> {
  setNumThreads(1)
  const seeds = Array.from({ length: mode === 'quick' ? 3 : 10 }, (_, index) => seed + index)
  const counts = mode === 'quick' ? [1, 4, 8] : [1, 2, 4, 6, 8, 12]
  const settings: readonly Setting[] = mode === 'quick' ? ['sgd'] : ['sgd', 'adamw']
  const breaking = counts.map((count): Disturbance => ({ kind: 'broken-batches', count }))
  const runs: GuardedRun[] = []
  for (const each of seeds) {
    const alsoHigh = mode === 'full' || each === seed
    const disturbances = alsoHigh ? [...breaking, { kind: 'high-rate', times: 8 } as const] : breaking
    for (const setting of settings) {
      const task = {
        folder: join(folder, `${each}-${setting}`),
        seed: each,
        setting,
        keepNorms: each === seed,
        signal,
      }
      runs.push(await trainGuarded({ ...task, disturbance: null, guarded: true }, runs.length))
      for (const disturbance of disturbances)
        for (const guarded of [false, true])
          runs.push(await trainGuarded({ ...task, disturbance, guarded }, runs.length))
      note(`seed ${each}, ${setting}: ${1 + 2 * disturbances.length} runs of ${steps} steps`)
    }
  }
  return { classes, steps, runs }
}

interface Task extends Pick<GuardedRun, 'seed' | 'setting' | 'disturbance' | 'guarded'> {
  readonly folder: string
  readonly keepNorms: boolean
  readonly signal: AbortSignal
}

async function trainGuarded(task: Task, number: number): Promise<GuardedRun> {
  const { seed, setting, disturbance, guarded, keepNorms, signal } = task
  const folder = join(task.folder, String(number))
  mkdirSync(folder, { recursive: true })
  const { train: rows, valid } = drawTask(seed)
  const optimizer: OptimizerChoice | undefined =
    setting === 'sgd' ? { kind: 'sgd', ...sgdDefaults } : undefined
  const times = disturbance?.kind === 'high-rate' ? disturbance.times : 1
  const run = defineRun({
    name: 'guarded',
    folder,
    seed,
    model: {
      model_type: 'image_classifier',
      input: { features },
      layers: [{ kind: 'linear', width }, { kind: 'relu' }, { kind: 'linear', width }, { kind: 'relu' }],
      classes,
    },
    data: { train: rows, valid },
    batch: { windows: batchRows, accumulate: 1 },
    ...(optimizer && { optimizer, clipNorm: 1e9 }),
    ...(!guarded && { guard: false }),
    schedule: { peak: times * peaks[setting], warmupSteps: 10, totalSteps: steps, floorFraction: 0.1 },
    evaluate: { everySteps: steps },
    checkpoint: { everySteps: steps, keep: 1 },
  })
  const isBroken = brokenAt(seed, disturbance)
  const interventions: string[] = []
  const norms: number[] = []
  let drawn = 0
  const breakData = breaker(rows.pixels as Float32Array)
  const listener = (event: TrainEvent): void => {
    if (event.type === 'step') norms.push(event.gradientNorm)
    if (event.type === 'decision') interventions.push(event.message.replace(/ on images [\d, |a-z]*:/, ' :'))
    if (event.type !== 'step' && event.type !== 'decision') return
    drawn += 1
    breakData(isBroken(drawn))
  }
  const ended = await train(run, { listeners: [listener], signal }).catch((thrown: unknown) => {
    if (isHadalError(thrown) && thrown.code === 'train_diverged') return thrown.code
    throw thrown
  })
  rmSync(task.folder, { recursive: true, force: true })
  signal.throwIfAborted()
  const [validLoss, failure] = typeof ended === 'string' ? [null, ended] : [ended.validLoss ?? null, null]
  return {
    ...{ seed, setting, disturbance, guarded, failure, interventions },
    validLoss: validLoss !== null && Number.isFinite(validLoss) ? validLoss : null,
    stepsAbove100: norms.filter((norm) => !(norm <= 100)).length,
    norms: keepNorms ? norms.map((norm) => (Number.isFinite(norm) ? norm : Number.MAX_VALUE)) : [],
  }
}

/** Whether the batch after `drawn` batches is broken: a stretch that begins anywhere in the middle third. */
function brokenAt(seed: number, disturbance: Disturbance | null): (drawn: number) => boolean {
  if (disturbance?.kind !== 'broken-batches') return () => false
  const first = Math.floor(steps / 3) + ((seed * 29) % Math.floor(steps / 3))
  return (drawn) => drawn >= first && drawn < first + disturbance.count
}

/** The run reads these very numbers, so a change of them is a change of what its loader gives. */
function breaker(numbers: Float32Array): (isBroken: boolean) => void {
  const sound = numbers.slice()
  let was = false
  return (is) => {
    if (is === was) return
    was = is
    for (const [at, value] of sound.entries()) numbers[at] = is ? broken * value : value
  }
}

/** Points of a normal distribution, in the classes that a drawn network of one hidden layer gives them. */
function drawTask(seed: number): { readonly train: LabelledImages; readonly valid: LabelledImages } {
  const count = trainCount + validCount
  const drawn = scope(() =>
    noGrad(() => {
      manualSeed(seed)
      const first_dh = torch.randn([features, width]).mul(features ** -0.5)
      const second_hc = torch.randn([width, classes]).mul(width ** -0.5)
      const x_nd = torch.randn([count, features])
      const labels_n = x_nd.matmul(first_dh).tanh().matmul(second_hc).argmax(1).int()
      return { x: x_nd.toTypedArray() as Float32Array, labels: labels_n.toTypedArray() as Int32Array }
    }),
  )
  const part = (from: number, to: number): LabelledImages => ({
    shape: [features],
    pixels: drawn.x.slice(from * features, to * features),
    labels: drawn.labels.slice(from, to),
  })
  return { train: part(0, trainCount), valid: part(trainCount, count) }
}
