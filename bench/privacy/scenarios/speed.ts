/** Steps a second and memory of private training: Hadal's ways and PyTorch's by hand, in fresh processes that take turns. */

import { execFileSync, spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { median } from '@hadal/base'
import { libraryInfo } from '@hadal/tensor'
import { markdownTable, writeReport } from '../../report-files.ts'
import { fromSource } from '../../training/contenders.ts'
import { batchOf, decoderWays, imageWays, type NetworkName } from '../cases.ts'

interface Turn {
  readonly stepsPerSecond: number
  readonly stepsPerCpuSecond: number
  /** What the process grew by from before the first step to its peak. */
  readonly peakGrowthBytes: number
  /** Of libtorch alone, where it tells. */
  readonly peakBytes?: number
}

interface Contender {
  readonly network: NetworkName
  readonly side: 'Hadal' | 'PyTorch'
  readonly way: string
  /** Timed, after some that are not. */
  readonly steps: number
  readonly warmUp: number
}

/** These make fewer steps. */
const slow: readonly string[] = ['exact, secure noise', 'per-sample', 'hooks']
const steps = { mlp: [120, 3], cnn: [60, 10], decoder: [10, 10] } as const
const warmUp = { mlp: [10, 1], cnn: [5, 1], decoder: [2, 2] } as const
const peerWays = ['plain', 'per-sample', 'hooks', 'ghost'] as const

export interface SpeedFlags {
  readonly rounds: number
  readonly threads: number
  /** Only networks whose name contains it. */
  readonly only: string
}

export async function speed({ rounds, threads, only }: SpeedFlags): Promise<void> {
  const python = ['python3', '/usr/bin/python3'].find(
    (it) => spawnSync(it, ['-c', 'import torch']).status === 0,
  )
  if (python === undefined) throw new Error('no python3 here imports torch: apt-get install python3-torch')
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), NODE_OPTIONS: '' }
  const script = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
  const measure = ({ network, side, way, steps, warmUp }: Contender): Turn => {
    const [program, ...args] =
      side === 'Hadal' ? fromSource('../privacy/hadal.ts') : [python, script('peer.py')]
    const said = [network, way, steps, warmUp, batchOf[network]].map(String)
    return JSON.parse(execFileSync(program!, [...args, ...said], { encoding: 'utf8', env })) as Turn
  }
  const all = contenders().filter(({ network }) => network.includes(only))
  const measured: { load: number; turns: Turn[] }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const load = loadavg()[0]!
    measured.push({ load, turns: all.map(measure) })
    console.error(`round ${round + 1} of ${rounds}`)
  }
  const figures = all.map((contender, index) => ({
    ...contender,
    rounds: measured.map(({ turns }) => turns[index]!),
  }))
  const loads = measured.map(({ load }) => load)
  writeReport('privacy-speed', 'privacy', { threads, loads, figures }, ({ date, command, machine }) =>
    [
      `# What private training costs, ${date}`,
      `\`${command}\``,
      [
        `- ${machine}, libtorch ${libraryInfo().version} on both sides, ${threads} thread(s)`,
        `- fresh processes in turns, ${rounds} rounds; load average before each: ${loads.map((load) => load.toFixed(1)).join(', ')}`,
        '- Hadal: steps of `train()`; rows drawn with chance batch / rows, noise multiplier 1. PyTorch: a loop by hand that does the work of Opacus 1.5 (hooks, ghost clipping) or of `torch.func` (per-sample), noise from torch.normal; Opacus itself cannot be installed here',
        '- medians over the rounds; the ratio is to plain training of the same side, round by round; memory is what the process grew by from before the first step, and what libtorch held at most',
      ].join('\n'),
      ...(['mlp', 'cnn', 'decoder'] as const)
        .filter((network) => network.includes(only))
        .map(
          (network) => `## ${titles[network]}\n\n${table(figures.filter((it) => it.network === network))}`,
        ),
      '',
    ].join('\n\n'),
  )
}

const titles = {
  mlp: 'MLP 784-512-512-10, batch 256',
  cnn: "The CNN of Opacus' MNIST example, batch 256",
  decoder: 'LoRA of rank 8 on a decoder of 4 layers of 256, 8 windows of 128',
} as const

function contenders(): Contender[] {
  const of = (network: NetworkName, side: Contender['side'], way: string): Contender => {
    const column = slow.includes(way) ? 1 : 0
    return { network, side, way, steps: steps[network][column], warmUp: warmUp[network][column] }
  }
  return [
    ...(['mlp', 'cnn'] as const).flatMap((network) => [
      ...imageWays.map(({ name }) => of(network, 'Hadal', name)),
      ...peerWays.map((way) => of(network, 'PyTorch', way)),
    ]),
    ...decoderWays.map(({ name }) => of('decoder', 'Hadal', name)),
  ]
}

type Figures = Contender & { readonly rounds: readonly Turn[] }

function table(figures: readonly Figures[]): string {
  const rows = figures.map((figure) => {
    const plain = figures.find(({ side, way }) => side === figure.side && way === 'plain')!
    const ratios = figure.rounds.map(
      (turn, round) => turn.stepsPerSecond / plain.rounds[round]!.stepsPerSecond,
    )
    const held = figure.rounds.flatMap(({ peakBytes }) => peakBytes ?? [])
    return [
      `${figure.side}: ${figure.way}`,
      median(figure.rounds.map(({ stepsPerSecond }) => stepsPerSecond)).toPrecision(3),
      `${median(ratios).toPrecision(2)} (${Math.min(...ratios).toPrecision(2)} to ${Math.max(...ratios).toPrecision(2)})`,
      mebibytes(median(figure.rounds.map(({ peakGrowthBytes }) => peakGrowthBytes))),
      held.length > 0 ? mebibytes(median(held)) : '-',
    ]
  })
  return markdownTable(['way', 'steps/s', 'of plain', 'process grew by', 'libtorch held'], rows)
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
