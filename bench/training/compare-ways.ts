/**
 * Ways to carry out the same run on several ranks, beside a process by itself: how long a step takes, how much of it goes by waiting
 * for others, what travels, what each rank holds. In fresh processes that take turns. Knows nothing about what is divided.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { freePort } from '@hadal/base/free-port'
import type { DecoderConfig } from '@hadal/nn'
import type { ParallelOptions } from '@hadal/train'
import { median } from 'hadal'
import { markdownTable, type ReportFacts, writeReport } from '../report-files.ts'
import type { DividedMeasure, DividedTask } from './divided-rank.ts'
import type { ScenarioFlags } from './scenario.ts'

const program = fileURLToPath(new URL('./divided-rank.ts', import.meta.url))
const windowLength = 256
const batchWindows = 8

export interface Way {
  readonly name: string
  readonly ranks: number
  readonly threads: number
  readonly parallel: Partial<ParallelOptions>
}

/** Every comparison begins with them; speeds are told against the first. */
export const alone: readonly Way[] = [
  { name: 'one process, one thread', ranks: 1, threads: 1, parallel: {} },
  { name: 'one process, two threads', ranks: 1, threads: 2, parallel: {} },
]

const shape = (hidden: number, layers: number): DecoderConfig => ({
  vocab_size: 4096,
  hidden_size: hidden,
  intermediate_size: (hidden / 64) * 176,
  num_hidden_layers: layers,
  num_attention_heads: hidden / 64,
  num_key_value_heads: hidden / 64,
  max_position_embeddings: windowLength,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
})

const shapes: Readonly<Record<string, DecoderConfig>> = { 'd=256': shape(256, 4), 'd=768': shape(768, 4) }

interface Result {
  readonly way: Way
  /** By round, then by rank. */
  readonly rounds: { readonly loadAverage: number; readonly ranks: readonly DividedMeasure[] }[]
}

export interface Comparison {
  /** Of the report's file, after `training-`. */
  readonly name: string
  readonly title: string
  readonly ways: readonly Way[]
}

export async function compareWays(
  { name: report, title, ways }: Comparison,
  { rounds = 5, steps = 6, only }: ScenarioFlags,
): Promise<void> {
  const measured: { shape: string; results: Result[] }[] = []
  for (const [name, model] of Object.entries(shapes)) {
    if (!name.includes(only)) continue
    const results = ways.map((way): Result => ({ way, rounds: [] }))
    for (let round = 0; round < rounds; round += 1)
      for (const offset of results.keys()) {
        // Who begins changes.
        const { way, rounds: done } = results[(offset + round) % results.length]!
        const { ranks, threads, parallel } = way
        const task = { model, batchWindows, windowLength, threads, parallel, warmupSteps: 2, steps }
        const loadAverage = loadavg()[0]!
        done.push({ loadAverage, ranks: await start(ranks, task) })
        console.log(`${name}, ${way.name}: ${stepMillis(done.at(-1)!.ranks).toFixed(0)} ms a step`)
      }
    measured.push({ shape: name, results })
  }
  const setup = { rounds, steps, batchWindows, windowLength, shapes }
  writeReport(`training-${report}`, 'training', { setup, measured }, (facts) =>
    page(title, facts, rounds, steps, measured),
  )
}

async function start(ranks: number, task: DividedTask): Promise<DividedMeasure[]> {
  const port = await freePort()
  return Promise.all(
    Array.from({ length: ranks }, async (_, rank) => {
      const args = ['--conditions=@hadal/source', '--import', 'tsx', program, JSON.stringify(task)]
      const place = {
        RANK: String(rank),
        WORLD_SIZE: String(ranks),
        LOCAL_RANK: String(rank),
        LOCAL_WORLD_SIZE: String(ranks),
        MASTER_ADDR: '127.0.0.1',
        MASTER_PORT: String(port),
        GLOO_SOCKET_IFNAME: 'lo',
      }
      const threads = { OMP_NUM_THREADS: String(task.threads), OPENBLAS_NUM_THREADS: String(task.threads) }
      const child = spawn(process.execPath, args, {
        env: { ...process.env, ...threads, ...(ranks > 1 && place) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`rank ${rank} ended with ${code}`)
      return JSON.parse(text) as DividedMeasure
    }),
  )
}

/** Ranks wait for each other, so a step takes as long for all. */
const stepMillis = (ranks: readonly DividedMeasure[]): number => 1000 * median(ranks[0]!.secondsPerStep)

const waitedShare = ({ busySeconds, wallSeconds }: DividedMeasure): number => 1 - busySeconds / wallSeconds

function page(
  title: string,
  { date, command, machine }: ReportFacts,
  rounds: number,
  steps: number,
  measured: readonly { readonly shape: string; readonly results: readonly Result[] }[],
): string {
  const sections = measured.map(({ shape, results }) => {
    const all = (result: Result, of: (ranks: readonly DividedMeasure[]) => number): number[] =>
      result.rounds.map(({ ranks }) => of(ranks))
    const single = all(results[0]!, stepMillis)
    const losses = results[0]!.rounds[0]!.ranks[0]!.losses
    const rows = results.map((result) => {
      const { way } = result
      const millis = all(result, stepMillis)
      const gain = median(millis.map((each, round) => single[round]! / each))
      const cores = way.ranks * way.threads
      const own = result.rounds[0]!.ranks[0]!.losses
      const apart = Math.max(...own.map((loss, at) => Math.abs(loss / losses[at]! - 1)))
      return [
        way.name,
        median(millis).toFixed(0),
        `${gain.toFixed(2)}x`,
        `${((100 * gain) / cores).toFixed(0)} %`,
        way.ranks === 1
          ? ''
          : `${(100 * median(all(result, ([first]) => waitedShare(first!)))).toFixed(0)} %`,
        way.ranks === 1
          ? ''
          : (median(all(result, ([first]) => first!.sentBytes / steps)) / 2 ** 20).toFixed(1),
        (median(all(result, ([first]) => first!.peakBytes)) / 2 ** 20).toFixed(0),
        median(all(result, ([first]) => first!.residentMiB)).toFixed(0),
        apart.toExponential(1),
      ]
    })
    return `## ${shape}

${markdownTable(
  [
    '',
    'ms a step',
    'speed',
    'efficiency of its cores',
    'of a step waited',
    'MiB sent a step',
    'libtorch’s peak a rank, MiB',
    'resident a rank, MiB',
    'losses apart',
  ],
  rows,
)}
`
  })
  const loads = measured.flatMap(({ results }) =>
    results.flatMap((result) => result.rounds.map(({ loadAverage }) => loadAverage.toFixed(1))),
  )
  return `# ${title}, ${date}

\`${command}\`

- ${machine}
- Llamas of 4 layers, ${batchWindows} windows of ${windowLength} tokens a step, fp32, fused AdamW; ${rounds} rounds of ${steps} steps in fresh processes that take turns
- speed: against one process of one thread, the median of the rounds' ratios; efficiency: that over the cores it uses
- waited: the part of a step in which the thread that computes neither did nor stood in line for a core, but waited for its peer and for what travels; gloo over the loopback
- losses apart: the largest relative difference of any step's loss from the first row's
- load average before each: ${loads.join(', ')}

${sections.join('\n')}`
}
