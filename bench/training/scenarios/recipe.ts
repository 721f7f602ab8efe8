/**
 * The default recipe (bf16 with fp32 masters, fused AdamW, the loss in chunks) against a plain nanoGPT-style PyTorch script in
 * fp32: the same weights to begin with, windows and schedule, in processes that take turns. Says how many times faster it is, and
 * whether the held-out losses at the end differ by more than the seeds do.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, type DecoderConfig, parameterCount } from '@hadal/nn'
import { median } from 'hadal'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { type Contender, sameLibraries, startHadal, startNanoGpt } from '../contenders.ts'
import { fineTuneData, windowLength } from '../fine-tune.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { average, deviation } from '../statistics.ts'
import { freshWeights, type Task, writeTask } from '../task.ts'

interface Round {
  readonly loadAverage: number
  readonly hadalTokensPerSecond: number
  readonly nanoGptTokensPerSecond: number
}

interface SeedResult {
  readonly seed: number
  readonly rounds: readonly Round[]
  /** Held-out, in nats a token, after the last step. */
  readonly hadalLoss: number
  readonly nanoGptLoss: number
  readonly peakMiB: { readonly hadal: number; readonly nanoGpt: number }
}

const wantedRatio = 1.3
const batchWindows = 8
const peak = 2e-3
/** Before anything is timed. */
const warmupSteps = 2

export async function recipe(flags: ScenarioFlags): Promise<void> {
  const threads = flags.threads ?? availableParallelism()
  const { steps = 400, rounds = 10 } = flags
  const { model: small, prose } = fineTuneData()
  const model: DecoderConfig = {
    ...small,
    hidden_size: 256,
    intermediate_size: 768,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  }
  const results: SeedResult[] = []
  let facts = ''
  for (let seed = 1; seed <= flags.seeds; seed += 1) {
    const task: Task = {
      model,
      precision: 'bf16',
      threads,
      batchWindows,
      seed,
      schedule: { peak, warmupSteps: Math.ceil(steps * 0.05), totalSteps: steps, floorFraction: 0.1 },
      optimizer: adamWDefaults,
      clipNorm: 1,
      evaluateEvery: steps,
    }
    const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
    try {
      writeTask(folder, task, { weights: freshWeights(model, seed), ...prose }, steps)
      await using hadal = await startHadal(folder, threads, flags.allocator)
      await using nanoGpt = await startNanoGpt(folder, threads, flags.allocator)
      facts = `Hadal on ${hadal.started.version}, PyTorch ${nanoGpt.started.version}; both map ${sameLibraries([hadal, nanoGpt]).join(', ')}`
      results.push({ seed, ...(await takeTurns(hadal, nanoGpt, seed, steps, rounds)) })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const setup = { threads, allocator: flags.allocator, steps, parameters: parameterCount(model), facts }
  writeReport('training-recipe', 'training', { setup, results }, (report) => page(report, setup, results))
}

async function takeTurns(
  hadal: Contender,
  nanoGpt: Contender,
  seed: number,
  steps: number,
  roundCount: number,
): Promise<Omit<SeedResult, 'seed'>> {
  const both = [hadal, nanoGpt] as const
  for (const contender of both) await contender.steps(warmupSteps)
  // The last step of all is not timed: what is held out is read after it.
  const timed = steps - warmupSteps - 1
  const rounds: Round[] = []
  for (let round = 0; round < roundCount; round += 1) {
    const count = Math.floor(((round + 1) * timed) / roundCount) - Math.floor((round * timed) / roundCount)
    if (count === 0) continue
    const loadAverage = loadavg()[0]!
    const speed = async (contender: Contender): Promise<number> =>
      (count * batchWindows * windowLength) / (await contender.steps(count)).seconds
    // Who begins changes, so that neither always has the warmer machine.
    const early = round % 2 === 0 ? await speed(hadal) : undefined
    const nanoGptTokensPerSecond = await speed(nanoGpt)
    const hadalTokensPerSecond = early ?? (await speed(hadal))
    rounds.push({ loadAverage, hadalTokensPerSecond, nanoGptTokensPerSecond })
    console.log(
      `seed ${seed}, round ${round + 1}: ${hadalTokensPerSecond.toFixed(0)} and ${nanoGptTokensPerSecond.toFixed(0)} tokens/s, ${ratioOf(rounds.at(-1)!).toFixed(3)} times`,
    )
  }
  const [hadalLoss, nanoGptLoss] = [
    (await hadal.steps(1)).validLosses.at(-1)!.loss,
    (await nanoGpt.steps(1)).validLosses.at(-1)!.loss,
  ]
  console.log(`seed ${seed}: held-out loss ${hadalLoss.toFixed(4)} and ${nanoGptLoss.toFixed(4)}`)
  return {
    rounds,
    hadalLoss,
    nanoGptLoss,
    peakMiB: { hadal: hadal.peakMiB(), nanoGpt: nanoGpt.peakMiB() },
  }
}

const ratioOf = ({ hadalTokensPerSecond, nanoGptTokensPerSecond }: Round): number =>
  hadalTokensPerSecond / nanoGptTokensPerSecond

interface Setup {
  readonly facts: string
  readonly threads: number
  readonly allocator: string
  readonly steps: number
  readonly parameters: number
}

function page(
  { date, command, machine }: ReportFacts,
  { facts, threads, allocator, steps, parameters }: Setup,
  results: readonly SeedResult[],
): string {
  const rounds = results.flatMap((result) => result.rounds)
  const ratio = median(rounds.map(ratioOf))
  const ours = results.map(({ hadalLoss }) => hadalLoss)
  const theirs = results.map(({ nanoGptLoss }) => nanoGptLoss)
  const difference = average(ours) - average(theirs)
  const spread = Math.max(deviation(ours), deviation(theirs))
  const losses =
    results.length < 2
      ? 'One seed has no spread: no verdict on the losses.'
      : `The mean held-out losses differ by ${difference.toExponential(1)} nats, the seeds by ${spread.toExponential(1)} (standard deviation, the larger of both): **${Math.abs(difference) <= spread ? 'within' : 'beyond'} the spread**.`
  const loads = rounds.map(({ loadAverage }) => loadAverage)
  const rows = results.map(({ seed, rounds: own, hadalLoss, nanoGptLoss, peakMiB }) => [
    seed,
    median(own.map(({ hadalTokensPerSecond }) => hadalTokensPerSecond)).toFixed(0),
    median(own.map(({ nanoGptTokensPerSecond }) => nanoGptTokensPerSecond)).toFixed(0),
    median(own.map(ratioOf)).toFixed(3),
    hadalLoss.toFixed(4),
    nanoGptLoss.toFixed(4),
    `${peakMiB.hadal.toFixed(0)} / ${peakMiB.nanoGpt.toFixed(0)}`,
  ])
  return `# The default recipe against a plain script, ${date}

\`${command}\`

- ${machine}
- ${facts}
- Hadal: bf16 with fp32 masters, fused AdamW, the loss in chunks (\`train()\`, divergence guard off); the script: \`bench/training/nanogpt.py\`, fp32, torch.optim.AdamW, no compilation
- a Llama of ${(parameters / 1e6).toFixed(1)} M parameters, d=256, 4 layers, from fresh weights that are the same on both sides; ${steps} steps of ${batchWindows} x ${windowLength} tokens of prose, cosine from ${peak}; every twentieth document is held out; a seed decides weights and order
- ${threads} thread${threads === 1 ? '' : 's'} each, allocator: ${allocator}; ${rounds.length} rounds in alternation, the ratio is the median of theirs; load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}

Hadal is **${ratio.toFixed(3)} times** as fast (wanted: ${wantedRatio}). ${losses}

${markdownTable(
  [
    'seed',
    'Hadal tokens/s',
    'script tokens/s',
    'ratio',
    'Hadal, held-out loss',
    'script',
    'peak resident MiB, Hadal / script',
  ],
  rows,
)}
`
}
