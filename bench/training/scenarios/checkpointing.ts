/**
 * What computing again costs and gives back: a model of 12 layers under every way of checkpointing, in processes that take turns.
 * The frontier of memory and time is drawn; beside it PyTorch's script with and without `torch.utils.checkpoint` on every layer.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, type DecoderConfig, type Precision, packStream } from '@hadal/nn'
import { type Checkpointing, choiceWithin, defineRun, type LanguageRun } from '@hadal/train'
import { writeReport } from '../../report-files.ts'
import { type Contender, startHadal, startPyTorch } from '../contenders.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { freshWeights, type Task, writeTask } from '../task.ts'
import { checkpointingPage, type Way } from './checkpointing-page.ts'

const windowLength = 256
const batchWindows = 8
const maxSteps = 100_000
/** Of the way from the least memory to all of it. */
const targetShares = [0.75, 0.5, 0.35, 0.2, 0.1, 0]

const model: DecoderConfig = {
  vocab_size: 4096,
  hidden_size: 384,
  intermediate_size: 1024,
  num_hidden_layers: 12,
  num_attention_heads: 6,
  num_key_value_heads: 6,
  max_position_embeddings: windowLength,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

interface Started {
  readonly name: string
  readonly kind: Way['kind']
  readonly contender: Contender
  readonly folder: string
}

export async function checkpointing(flags: ScenarioFlags): Promise<void> {
  const { rounds = 5, threads = 1, steps = 2 } = flags
  const precisions = (['fp32', 'bf16'] as const).filter((precision) => precision.includes(flags.only))
  const measured: { precision: Precision; ways: Way[] }[] = []
  for (const precision of precisions)
    measured.push({ precision, ways: await compare(precision, rounds, threads, steps, flags.allocator) })
  const setup = { model, batchWindows, windowLength, threads, rounds, steps, allocator: flags.allocator }
  writeReport('training-checkpointing', 'training', { setup, measured }, (facts) =>
    checkpointingPage(facts, setup, measured, (name, svg) =>
      writeFileSync(new URL(`../../reports/${facts.date}-${name}.svg`, import.meta.url), svg),
    ),
  )
}

async function compare(
  precision: Precision,
  rounds: number,
  threads: number,
  steps: number,
  allocator: string,
): Promise<Way[]> {
  const started: Started[] = []
  try {
    for (const { name, kind, checkpointing } of waysOf(precision)) {
      const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
      writeTask(folder, taskOf(precision, threads, checkpointing), files(), 2000)
      const start = kind === 'PyTorch' ? startPyTorch : startHadal
      started.push({ name, kind, folder, contender: await start(folder, threads, allocator) })
    }
    const ways = started.map(({ name, kind }): Way => ({ name, kind, losses: [], rounds: [] }))
    for (const [at, { contender }] of started.entries())
      ways[at]!.losses.push(...(await contender.steps(2)).losses)
    for (let round = 0; round < rounds; round += 1)
      for (const [offset] of started.entries()) {
        // Who begins changes.
        const at = (offset + round) % started.length
        const block = await started[at]!.contender.steps(steps)
        const { peakBytes, heldBytes } = block
        ways[at]!.rounds.push({
          loadAverage: loadavg()[0]!,
          millisPerStep: (block.seconds * 1000) / steps,
          cpuMillisPerStep: (block.cpuSeconds * 1000) / steps,
          stepBytes: peakBytes === undefined ? undefined : peakBytes - heldBytes!,
          activationBytes: block.activationBytes,
        })
        ways[at]!.losses.push(...block.losses)
      }
    console.log(
      `${precision}: ${ways.map(({ name, rounds }) => `${name} ${rounds.map(({ millisPerStep }) => millisPerStep.toFixed(0)).join(' ')}`).join('; ')}`,
    )
    return ways
  } finally {
    for (const { contender, folder } of started) {
      await contender[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

interface Planned {
  readonly name: string
  readonly kind: Way['kind']
  readonly checkpointing: Checkpointing | undefined
}

function waysOf(precision: Precision): Planned[] {
  const all = choiceWithin(runOf(precision), Number.POSITIVE_INFINITY).bytes
  const least = choiceWithin(runOf(precision), 0).bytes
  const targets = targetShares.map((share) => Math.ceil(least + share * (all - least)))
  return [
    { name: 'everything kept', kind: 'kept', checkpointing: undefined },
    ...[1, 2, 3, 4, 6].map(
      (every): Planned => ({ name: `every ${every}`, kind: 'layers', checkpointing: { every } }),
    ),
    ...targets.map(
      (memoryTarget): Planned => ({
        name: `target ${Math.round(memoryTarget / 2 ** 20)} MiB`,
        kind: 'selective',
        checkpointing: { memoryTarget },
      }),
    ),
    { name: 'PyTorch, everything kept', kind: 'PyTorch', checkpointing: undefined },
    { name: 'PyTorch, every layer', kind: 'PyTorch', checkpointing: { every: 1 } },
  ]
}

const text = Array.from({ length: 64 * windowLength }, (_, index) => (index * 7919) % 4096)
const windows = packStream([text], windowLength, 0)

const files = (): Parameters<typeof writeTask>[2] => ({
  weights: freshWeights(model, 1),
  train: windows,
  valid: windows,
})

function taskOf(precision: Precision, threads: number, checkpointing: Checkpointing | undefined): Task {
  return {
    model,
    precision,
    threads,
    batchWindows,
    seed: 1,
    schedule: { peak: 1e-3, warmupSteps: 10, totalSteps: maxSteps, floorFraction: 1 },
    optimizer: adamWDefaults,
    clipNorm: 1,
    ...(checkpointing && { checkpointing }),
    evaluateEvery: maxSteps,
  }
}

const runOf = (precision: Precision): LanguageRun =>
  defineRun({
    name: 'bench',
    folder: 'bench',
    model,
    precision,
    data: { train: windows, valid: windows },
    batch: { windows: batchWindows, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 10, totalSteps: maxSteps, floorFraction: 1 },
    guard: false,
    evaluate: { everySteps: maxSteps },
  })
