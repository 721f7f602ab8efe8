/**
 * One training step of a decoder, forward to update, against PyTorch: the same operators on the same libtorch, the same
 * weights and batches, in processes that take turns every few seconds.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, type DecoderConfig, packStream } from '@hadal/nn'
import { writeReport } from '../../report-files.ts'
import { type Block, type Contender, sameLibraries, startHadal, startPyTorch } from '../contenders.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { freshWeights, type Task, writeTask } from '../task.ts'
import { type Measured, type Round, speedRatio, stepPage, type Turn } from './step-page.ts'

type StepFlags = ScenarioFlags & { readonly threads: number }

interface Case {
  readonly name: string
  readonly model: DecoderConfig
  readonly batchWindows: number
  readonly precision: keyof typeof tolerance
}

const windowLength = 128
const agreementSteps = 10
const roundsPerStart = 4
const warmupSteps = 1
/** In nats over the first steps; rounding in bf16 is 2^-8 of a value. */
const tolerance = { fp32: 1e-3, bf16: 2e-2 } as const
const maxSteps = 20_000

const decoder = (hidden: number, intermediate: number, heads: number, kvHeads: number): DecoderConfig => ({
  vocab_size: 4096,
  hidden_size: hidden,
  intermediate_size: intermediate,
  num_hidden_layers: 4,
  num_attention_heads: heads,
  num_key_value_heads: kvHeads,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
})

const cases: readonly Case[] = (['fp32', 'bf16'] as const).flatMap((precision) => [
  { name: `d=256 ${precision}`, model: decoder(256, 768, 4, 2), batchWindows: 8, precision },
  { name: `d=768 ${precision}`, model: decoder(768, 2048, 12, 4), batchWindows: 4, precision },
])

export async function step(flags: ScenarioFlags): Promise<void> {
  const rounds = flags.rounds ?? 20
  const threads = flags.threads ?? availableParallelism()
  const measured: Measured[] = []
  for (const each of cases.filter(({ name }) => name.includes(flags.only)))
    measured.push(await compare(each, rounds, { ...flags, threads }))
  const setup = { threads, allocator: flags.allocator, blockSeconds: flags.blockSeconds }
  writeReport('training-step', 'training', { setup, measured }, (facts) => stepPage(facts, setup, measured))
}

async function compare(each: Case, rounds: number, flags: StepFlags): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
  try {
    const task: Task = {
      model: each.model,
      precision: each.precision,
      threads: flags.threads,
      batchWindows: each.batchWindows,
      seed: 1,
      schedule: { peak: 1e-3, warmupSteps: 10, totalSteps: maxSteps, floorFraction: 1 },
      optimizer: adamWDefaults,
      clipNorm: 1,
      evaluateEvery: maxSteps,
    }
    const text = Array.from({ length: 64 * windowLength }, (_, index) => (index * 7919) % 4096)
    const train = packStream([text], windowLength, 0)
    writeTask(folder, task, { weights: freshWeights(each.model, 1), train, valid: train }, maxSteps)
    // How memory is laid out is a matter of luck that lasts as long as a process: both are started anew every few rounds.
    const parts: Measured[] = []
    for (let done = 0; done < rounds; done += roundsPerStart) {
      await using hadal = await startHadal(folder, flags.threads, flags.allocator)
      await using pytorch = await startPyTorch(folder, flags.threads, flags.allocator)
      const count = Math.min(roundsPerStart, rounds - done)
      parts.push(await takeTurns(each, hadal, pytorch, count, flags.blockSeconds))
    }
    return {
      ...parts[0]!,
      largestLossDifference: Math.max(...parts.map((part) => part.largestLossDifference)),
      rounds: parts.flatMap((part) => part.rounds),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function takeTurns(
  { name, batchWindows, precision }: Case,
  hadal: Contender,
  pytorch: Contender,
  rounds: number,
  blockSeconds: number,
): Promise<Measured> {
  const libraries = sameLibraries([hadal, pytorch])
  let largestLossDifference = 0
  const agree = (ours: Block, theirs: Block): void => {
    const differences = ours.losses.map((loss, at) => Math.abs(loss - theirs.losses[at]!))
    largestLossDifference = Math.max(largestLossDifference, ...differences)
  }
  const first = await hadal.steps(agreementSteps)
  const firstOfPyTorch = await pytorch.steps(agreementSteps)
  agree(first, firstOfPyTorch)
  if (!(largestLossDifference <= tolerance[precision]))
    throw new Error(`${name}: the losses differ by ${largestLossDifference} within ${agreementSteps} steps`)
  const stepsPerBlock = Math.max(2, Math.round((blockSeconds * agreementSteps) / firstOfPyTorch.seconds))
  console.log(
    `${name}: loss ${first.losses[0]!.toFixed(4)} to ${first.losses.at(-1)!.toFixed(4)}, difference ${largestLossDifference.toExponential(1)}; blocks of ${stepsPerBlock} steps`,
  )

  const block = async (contender: Contender): Promise<{ turn: Turn; losses: Block }> => {
    await contender.steps(warmupSteps)
    const done = await contender.steps(stepsPerBlock)
    const tokens = stepsPerBlock * batchWindows * windowLength
    const turn = {
      tokensPerSecond: tokens / done.seconds,
      cpuMillisPerStep: (done.cpuSeconds * 1000) / stepsPerBlock,
      pageFaultsPerStep: done.pageFaults / stepsPerBlock,
    }
    return { turn, losses: done }
  }
  const all: Round[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const loadAverage = loadavg()[0]!
    // Who begins changes, so that neither always has the warmer machine.
    const early = round % 2 === 1 ? await block(hadal) : undefined
    const theirs = await block(pytorch)
    const ours = early ?? (await block(hadal))
    agree(ours.losses, theirs.losses)
    all.push({ loadAverage, hadal: ours.turn, pytorch: theirs.turn })
    console.log(
      `${name}, round ${round}: ${ours.turn.tokensPerSecond.toFixed(0)} and ${theirs.turn.tokensPerSecond.toFixed(0)} tokens/s, ${speedRatio(all.at(-1)!).toFixed(3)} times`,
    )
  }
  return {
    name,
    stepsPerBlock,
    largestLossDifference,
    libraries,
    versions: { hadal: hadal.started.version, PyTorch: pytorch.started.version },
    residentMiB: { hadal: hadal.residentMiB(), PyTorch: pytorch.residentMiB() },
    rounds: all,
  }
}
