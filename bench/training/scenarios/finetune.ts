/**
 * A fine-tune on real text beside an equal PyTorch script: the same base, windows, order and schedule, over several seeds.
 * Says whether the held-out losses at the end differ by more than the seeds do.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, parameterCount } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { measureSpeed } from '@hadal/train'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { type Contender, sameLibraries, startHadal, startPyTorch } from '../contenders.ts'
import { batchWindows, fineTuneData, trainBase, tuningRun, windowLength } from '../fine-tune.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { average, deviation } from '../statistics.ts'
import { type Task, writeTask } from '../task.ts'

interface Side {
  /** In nats a token, from the first evaluation to the one after the last step. */
  readonly validLosses: readonly { readonly step: number; readonly loss: number }[]
  /** Of every step. */
  readonly losses: readonly number[]
  readonly seconds: number
}

interface SeedResult {
  readonly seed: number
  readonly loadAverage: number
  readonly hadal: Side
  readonly pytorch: Side
}

/** Both sides stop so often and wait for each other. */
const parts = 20
const evaluations = 5
const peak = 1e-3

export async function finetune(flags: ScenarioFlags): Promise<void> {
  const threads = flags.threads ?? Math.max(1, Math.floor(availableParallelism() / 2))
  setNumThreads(threads)
  const data = fineTuneData()
  const base = await trainBase(data, flags.baseSteps)
  const run = tuningRun(data, base.weights)
  const steps =
    flags.steps ??
    Math.ceil((flags.minutes * 60 * (await measureSpeed(run, 8))) / (batchWindows * windowLength))
  const results: SeedResult[] = []
  let facts = ''
  for (let seed = 1; seed <= flags.seeds; seed += 1) {
    const task: Task = {
      model: data.model,
      precision: 'fp32',
      threads,
      batchWindows,
      seed,
      schedule: { peak, warmupSteps: Math.ceil(steps * 0.03), totalSteps: steps, floorFraction: 0.05 },
      optimizer: adamWDefaults,
      clipNorm: 1,
      evaluateEvery: Math.ceil(steps / evaluations),
    }
    const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
    try {
      const loadAverage = loadavg()[0]!
      writeTask(folder, task, { weights: base.weights, ...data.prose }, steps)
      await using hadal = await startHadal(folder, threads, flags.allocator)
      await using pytorch = await startPyTorch(folder, threads, flags.allocator)
      facts = `Hadal on ${hadal.started.version}, PyTorch ${pytorch.started.version}; both map ${sameLibraries([hadal, pytorch]).join(', ')}`
      const sides = await besideEachOther([hadal, pytorch], steps, seed)
      results.push({ seed, loadAverage, hadal: sides[0]!, pytorch: sides[1]! })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const setup = { threads, allocator: flags.allocator, steps, parameters: parameterCount(data.model), facts }
  writeReport('training-finetune', 'training', { setup, base: base.heldOutLoss, results }, (report) =>
    page(report, { ...setup, baseSteps: flags.baseSteps, baseLoss: base.heldOutLoss }, results),
  )
}

async function besideEachOther(
  contenders: readonly Contender[],
  steps: number,
  seed: number,
): Promise<Side[]> {
  const sides = contenders.map(() => ({ losses: [], validLosses: [], seconds: 0 }) as Writable<Side>)
  for (let done = 0; done < steps; ) {
    const count = Math.min(Math.ceil(steps / parts), steps - done)
    const blocks = await Promise.all(contenders.map((contender) => contender.steps(count)))
    blocks.forEach((block, at) => {
      sides[at]!.losses.push(...block.losses)
      sides[at]!.validLosses.push(...block.validLosses)
      sides[at]!.seconds += block.seconds
    })
    done += count
    const mean = blocks.map(({ losses }) => average(losses).toFixed(4)).join(' and ')
    const held = blocks.map(({ validLosses }) => validLosses.at(-1)?.loss.toFixed(4)).join(' and ')
    const heldOut = blocks[0]!.validLosses.length > 0 ? `, held-out ${held}` : ''
    console.log(`seed ${seed}, step ${done} of ${steps}: loss ${mean}${heldOut}`)
  }
  return sides
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

interface Setup {
  readonly facts: string
  readonly threads: number
  readonly allocator: string
  readonly steps: number
  readonly parameters: number
  readonly baseSteps: number
  readonly baseLoss: number
}

function page(
  { date, command, machine }: ReportFacts,
  { facts, threads, allocator, steps, parameters, baseSteps, baseLoss }: Setup,
  results: readonly SeedResult[],
): string {
  const last = (side: Side): number => side.validLosses.at(-1)!.loss
  const ours = results.map(({ hadal }) => last(hadal))
  const theirs = results.map(({ pytorch }) => last(pytorch))
  const difference = average(ours) - average(theirs)
  const spread = Math.max(deviation(ours), deviation(theirs))
  const verdict =
    results.length < 2
      ? 'One seed has no spread: no verdict.'
      : `The means differ by ${difference.toExponential(1)} nats, the seeds by ${spread.toExponential(1)} (standard deviation, the larger of both): **${Math.abs(difference) <= spread ? 'within' : 'beyond'} the spread**.`
  const summary = (values: readonly number[]): string[] =>
    values.length < 2 ? ['', ''] : [average(values).toFixed(5), deviation(values).toFixed(5)]
  const rows = results.map(({ seed, hadal, pytorch }) => [
    seed,
    last(hadal).toFixed(5),
    last(pytorch).toFixed(5),
    (last(hadal) - last(pytorch)).toExponential(1),
    Math.max(...hadal.losses.map((loss, at) => Math.abs(loss - pytorch.losses[at]!))).toExponential(1),
    `${(hadal.seconds / 60).toFixed(1)} / ${(pytorch.seconds / 60).toFixed(1)}`,
  ])
  const [ourMean, ourSpread] = summary(ours) as [string, string]
  const [theirMean, theirSpread] = summary(theirs) as [string, string]
  const curve = results[0]!.hadal.validLosses.map(({ step }, at) => [
    step,
    average(results.map(({ hadal }) => hadal.validLosses[at]!.loss)).toFixed(4),
    average(results.map(({ pytorch }) => pytorch.validLosses[at]!.loss)).toFixed(4),
  ])
  return `# A fine-tune beside PyTorch, ${date}

\`${command}\`

- ${machine}
- ${facts}
- a Llama of ${(parameters / 1e6).toFixed(1)} M parameters in fp32, d=192, 4 layers; its base is trained for ${baseSteps} steps on the nano recipe's documents without the prose, held-out loss on prose ${baseLoss.toFixed(4)}
- tuned on the prose among them (speeches, a novel): ${steps} steps of ${batchWindows} x ${windowLength} tokens, cosine from ${peak}, clipped at 1, fused AdamW; every twentieth document is held out
- the same base, windows and order on both sides; a seed decides the order; both at the same time, ${threads} thread${threads === 1 ? '' : 's'} each, allocator: ${allocator}
- load average before each seed: ${results.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}

${verdict}

${markdownTable(
  [
    'seed',
    'Hadal, held-out loss',
    'PyTorch',
    'difference',
    'largest difference of a step',
    'minutes, Hadal / PyTorch',
  ],
  [...rows, ['mean', ourMean, theirMean, '', '', ''], ['deviation', ourSpread, theirSpread, '', '', '']],
)}

Means over the seeds on the way:

${markdownTable(['step', 'Hadal', 'PyTorch'], curve)}
`
}
