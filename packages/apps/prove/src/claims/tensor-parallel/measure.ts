/** The same runs in one process and with tensor parallelism over gloo on this machine: losses, weights, memory. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { programEntry } from '@hadal/base'
import { freePorts } from '@hadal/base/free-port'
import { distributedBackends, setNumThreads } from '@hadal/tensor'
import { defineRun, newestWeights, type Weights } from '@hadal/train'
import type { ClaimContext } from '../../claim.ts'
import { runProgram } from '../../run-program.ts'
import { type DividedTask, fullLayouts, type Layout, quickLayouts, runOf } from './cases.ts'
import { type TrainedRun, trainRun } from './train-run.ts'

export interface DividedComparison {
  readonly layout: Pick<Layout, 'name' | 'ranks'>
  readonly seed: number
  /** Losses of one process and of rank 0: each step, then held-out. */
  readonly aloneLosses: readonly number[]
  readonly dividedLosses: readonly number[]
  readonly alonePeakBytes: number
  readonly rankPeakBytes: readonly number[]
  readonly weights: Distance
}

/** Distance between two sets of weights. */
export interface Distance {
  /** Length of the difference, over the length of the first. */
  readonly relative: number
  /** The largest difference of one number. */
  readonly largest: number
}

export interface TensorParallelRaw {
  /** Available distributed backends; without gloo nothing was measured. */
  readonly backends: readonly string[]
  readonly steps: number
  readonly comparisons: readonly DividedComparison[]
  /** Two runs of one process; the second starts with every other weight changed in its last bit: the effect of rounding alone. */
  readonly rounding: readonly Distance[]
  /** Two runs of one process with different seeds: what a difference looks like. */
  readonly otherSeed: readonly Distance[]
}

export async function measureTensorParallel(context: ClaimContext): Promise<TensorParallelRaw> {
  const { mode, seed, note, signal } = context
  const backends = distributedBackends()
  const steps = mode === 'quick' ? 20 : 100
  if (!backends.includes('gloo')) return { backends, steps, comparisons: [], rounding: [], otherSeed: [] }
  setNumThreads(1)
  const seeds = Array.from({ length: mode === 'quick' ? 2 : 3 }, (_, index) => seed + index)
  const layouts = mode === 'quick' ? quickLayouts : fullLayouts
  const comparisons: DividedComparison[] = []
  const byRanks = [...new Set(layouts.map(({ ranks }) => ranks))]
  for (const ranks of byRanks) {
    const tasks = await tasksFor(
      context,
      layouts.filter((layout) => layout.ranks === ranks),
      seeds,
      steps,
    )
    const divided = await together(ranks, tasks, signal)
    note(`${tasks.length} runs of ${steps} steps by ${ranks} processes`)
    for (const [at, task] of tasks.entries()) {
      signal.throwIfAborted()
      const run = runOf({ ...task, folder: `${task.folder}-alone` }, false)
      const alone = await trainRun(run, undefined, signal)
      comparisons.push({
        layout: { name: task.layout.name, ranks },
        seed: task.seed,
        aloneLosses: alone.losses,
        dividedLosses: divided[0]![at]!.losses,
        alonePeakBytes: alone.peakBytes,
        rankPeakBytes: divided.map((results) => results[at]!.peakBytes),
        weights: distance(takeWeights(run.folder), takeWeights(task.folder)),
      })
    }
    note(`the same ${tasks.length} by one`)
  }
  return { backends, steps, comparisons, ...(await controls(context, seeds, steps)) }
}

/** The checkpoints go. */
function takeWeights(folder: string): Weights {
  const weights = newestWeights(folder)
  rmSync(folder, { recursive: true, force: true })
  return weights
}

/** What the distances of the comparison are to be held against. */
async function controls(
  { folder, signal }: ClaimContext,
  seeds: readonly number[],
  steps: number,
): Promise<Pick<TensorParallelRaw, 'rounding' | 'otherSeed'>> {
  const weights: Weights[] = []
  const rounding: Distance[] = []
  for (const seed of seeds) {
    const trained = async (name: string, startFrom?: Weights, taken = steps): Promise<Weights> => {
      const own = {
        layout: quickLayouts[0]!,
        seed,
        steps: taken,
        port: 0,
        folder: join(folder, `${name}-${seed}`),
      }
      const run = runOf(own, false)
      await trainRun(startFrom ? defineRun({ ...run, startFrom }) : run, undefined, signal)
      return takeWeights(run.folder)
    }
    const start = await trained('start', undefined, 3)
    weights.push(await trained('control', start))
    rounding.push(distance(weights.at(-1)!, await trained('last-bit', withOtherLastBits(start))))
  }
  return { rounding, otherSeed: weights.slice(1).map((each) => distance(weights[0]!, each)) }
}

/** Every other number is the next one that fp32 has. */
function withOtherLastBits(weights: Weights): Weights {
  return new Map(
    [...weights].map(([name, { shape, values }]) => {
      const changed = Float32Array.from(values)
      const bits = new Uint32Array(changed.buffer)
      for (let at = 0; at < bits.length; at += 2) bits[at] = bits[at]! ^ 1
      return [name, { shape, values: changed }]
    }),
  )
}

async function tasksFor(
  { folder }: ClaimContext,
  layouts: readonly Layout[],
  seeds: readonly number[],
  steps: number,
): Promise<DividedTask[]> {
  const all = layouts.flatMap((layout) => seeds.map((seed) => ({ layout, seed, steps })))
  const ports = await freePorts(all.length)
  return all.map((task, at) => ({
    ...task,
    port: ports[at]!,
    folder: join(folder, `divided-${task.layout.ranks}-${at}`),
  }))
}

/** By rank, then by task. When one rank ends badly the others are ended, too. */
async function together(
  ranks: number,
  tasks: readonly DividedTask[],
  signal: AbortSignal,
): Promise<TrainedRun[][]> {
  const { path, execArgv } = programEntry(import.meta.url, './rank')
  const failed = new AbortController()
  const started = Array.from({ length: ranks }, async (_, rank) => {
    const env = {
      RANK: String(rank),
      WORLD_SIZE: String(ranks),
      LOCAL_RANK: String(rank),
      LOCAL_WORLD_SIZE: String(ranks),
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: String(tasks[0]!.port),
      OMP_NUM_THREADS: '1',
    }
    const command = [process.execPath, ...execArgv, path, JSON.stringify(tasks)]
    try {
      const { stdout } = await runProgram(command, { signal: AbortSignal.any([signal, failed.signal]), env })
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as TrainedRun)
    } catch (thrown) {
      failed.abort(thrown)
      throw thrown
    }
  })
  const ended = await Promise.allSettled(started)
  if (failed.signal.aborted) throw failed.signal.reason
  return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}

function distance(a: Weights, b: Weights): Distance {
  let [difference, length, largest] = [0, 0, 0]
  for (const [name, { values }] of a) {
    const others = b.get(name)?.values
    for (const [at, value] of values.entries()) {
      const off = Math.abs(value - (others?.[at] ?? Number.NaN))
      difference += off ** 2
      length += value ** 2
      largest = Math.max(largest, off)
    }
  }
  return { relative: Math.sqrt(difference / length), largest }
}
