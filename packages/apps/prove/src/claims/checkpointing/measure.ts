/**
 * Trains a decoder for a few steps in each checkpointing mode, alternating: peak memory by libtorch's count, CPU time, operation count, and
 * losses.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type DecoderConfig, type Precision, packStream, selectWindows } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  type Checkpointing,
  choiceWithin,
  defineRun,
  type LanguageRun,
  planRun,
  planTechniques,
  train,
} from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'
import { keepsFreed } from '../../keep-freed.ts'

export interface CheckpointingRound {
  /** Processor seconds of each step after the first. */
  readonly secondsPerStep: readonly number[]
  /** The most that libtorch held in a step, and of it what belongs to weights and optimizer, and to gradients. */
  readonly peakBytes: number
  readonly stateBytes: number
  readonly gradientBytes: number
  readonly losses: readonly number[]
}

export interface CheckpointingWay {
  readonly precision: Precision
  readonly name: string
  /** Operations of a step, as a multiple of those of the run that keeps everything, counted from its configuration; null where that is not counted. */
  readonly operations: number | null
  readonly rounds: readonly CheckpointingRound[]
}

export interface CheckpointingRaw {
  readonly layers: number
  readonly width: number
  readonly windows: number
  readonly windowLength: number
  /** Whether malloc kept freed memory for the next step. */
  readonly keepsFreed: boolean
  readonly ways: readonly CheckpointingWay[]
}

interface Shape extends Omit<CheckpointingRaw, 'ways' | 'keepsFreed'> {
  readonly vocabulary: number
}

const quickShape: Shape = { layers: 6, width: 192, windows: 8, windowLength: 128, vocabulary: 1024 }
const fullShape: Shape = { layers: 12, width: 384, windows: 8, windowLength: 256, vocabulary: 4096 }

interface Way {
  readonly name: string
  readonly checkpointing?: Checkpointing
}

export async function measureCheckpointing(context: ClaimContext): Promise<CheckpointingRaw> {
  const { mode, note, signal } = context
  setNumThreads(1)
  const [shape, rounds, steps] = mode === 'quick' ? [quickShape, 3, 2] : [fullShape, 5, 3]
  const precisions: readonly Precision[] = mode === 'quick' ? ['fp32'] : ['fp32', 'bf16']
  const found: CheckpointingWay[] = []
  for (const precision of precisions) {
    const base = runOf(context, shape, precision, steps)
    const ways = waysFor(base, mode === 'quick')
    const measured = ways.map((): CheckpointingRound[] => [])
    for (let round = 0; round < rounds; round += 1) {
      for (const offset of ways.keys()) {
        signal.throwIfAborted()
        // Rotate the order.
        const at = (offset + round) % ways.length
        const { checkpointing } = ways[at]!
        measured[at]!.push(await trainRound({ ...base, ...(checkpointing && { checkpointing }) }, signal))
      }
      note(`${precision}, round ${round + 1} of ${rounds}: ${ways.length} ways, ${steps + 1} steps each`)
    }
    for (const [at, way] of ways.entries())
      found.push({ precision, name: way.name, operations: operationsOf(base, way), rounds: measured[at]! })
  }
  const { vocabulary: _, ...said } = shape
  return { ...said, keepsFreed: keepsFreed(), ways: found }
}

function runOf(
  { folder, seed }: ClaimContext,
  shape: Shape,
  precision: Precision,
  steps: number,
): LanguageRun {
  const { layers, width, windows, windowLength, vocabulary } = shape
  const model: DecoderConfig = {
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: (width * 8) / 3,
    num_hidden_layers: layers,
    num_attention_heads: width / 64,
    num_key_value_heads: width / 64,
    max_position_embeddings: windowLength,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  }
  const count = (steps + 1) * windows * windowLength + 1
  const text = Array.from({ length: count }, (_, index) => (index * 7919) % vocabulary)
  const data = packStream([text], windowLength, 0)
  return defineRun({
    ...{ name: 'checkpointed', folder: join(folder, 'run'), seed, model, precision, guard: false },
    data: { train: data, valid: selectWindows(data, [0]) },
    batch: { windows, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 1, totalSteps: steps + 1, floorFraction: 1 },
    evaluate: { everySteps: steps + 1 },
    checkpoint: { everySteps: steps + 1, keep: 1 },
  })
}

/** Everything kept, whole layers by number, and targets that leave so much of what activations take. */
function waysFor(run: LanguageRun, isQuick: boolean): Way[] {
  const whole = choiceWithin(run, Number.POSITIVE_INFINITY).bytes
  const least = choiceWithin(run, 0).bytes
  const { activations } = planRun(run).bytes
  const targets = (isQuick ? [0.45, 0.25] : [0.75, 0.5, 0.4, 0.3, 0.24, 0.2, 0.15]).map((share): Way => {
    const memoryTarget = Math.max(least, Math.floor(whole - (1 - share) * activations))
    return { name: `a target of ${Math.round(memoryTarget / 2 ** 20)} MiB`, checkpointing: { memoryTarget } }
  })
  const layers = (isQuick ? [1] : [1, 2, 3]).map(
    (every): Way => ({
      name: every === 1 ? 'every layer' : `every ${every} layers`,
      checkpointing: { every },
    }),
  )
  return [{ name: 'everything kept' }, ...layers, ...targets]
}

/** Counted as `hadal train --plan` does. */
function operationsOf(run: LanguageRun, { checkpointing }: Way): number | null {
  if (checkpointing === undefined) return 1
  const { every, memoryTarget } = checkpointing
  const { techniques } = planTechniques(run, Number(memoryTarget ?? 0))
  const flags = every === undefined ? '--checkpointing-memory-target' : `--checkpointing-every ${every}`
  return techniques.find((technique) => technique.flags.startsWith(flags))?.work ?? null
}

async function trainRound(options: LanguageRun, signal: AbortSignal): Promise<CheckpointingRound> {
  const run = defineRun(options)
  rmSync(run.folder, { recursive: true, force: true })
  const secondsPerStep: number[] = []
  const losses: number[] = []
  let [peakBytes, stateBytes, gradientBytes] = [0, 0, 0]
  let before = process.cpuUsage()
  await train(run, {
    signal,
    listeners: [
      (event) => {
        if (event.type !== 'step') return
        const { user, system } = process.cpuUsage(before)
        before = process.cpuUsage()
        losses.push(event.loss)
        if (event.step === 1) return
        secondsPerStep.push((user + system) / 1e6)
        const { memory } = event
        if (memory === undefined || memory.peakBytes <= peakBytes) return
        peakBytes = memory.peakBytes
        stateBytes = memory.weights + memory.optimizer
        gradientBytes = memory.gradients
      },
    ],
  })
  rmSync(run.folder, { recursive: true, force: true })
  return { secondsPerStep, peakBytes, stateBytes, gradientBytes, losses }
}
