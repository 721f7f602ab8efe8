/**
 * What a step costs that computes as if in integers, beside PyTorch's own, and what it costs to round weights to types of GGUF on
 * tensors, beside the writer of files. Fresh processes in turns, one thread each.
 */

import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { fromSource } from '../../training/contenders.ts'

interface Cost {
  readonly cpuMs: number
  readonly wallMs: number
}
interface Round {
  readonly load: number
  readonly costs: Readonly<Record<string, Cost>>
}

const kinds = ['plain', 'quantized', 'frozen'] as const
const formats = ['Q4_0', 'Q8_0', 'Q6_K', 'Q4_K'] as const
const environment = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }

export function cost({ rounds, steps }: { readonly rounds: number; readonly steps: number }): void {
  const measured: Round[] = []
  for (let round = 0; round < rounds; round += 1) {
    const load = loadavg()[0]!
    const costs: Record<string, Cost> = {}
    for (const kind of kinds) {
      costs[`hadal ${kind}`] = own(kind, String(steps))
      costs[`PyTorch ${kind}`] = python(kind, String(steps))
    }
    for (const format of formats)
      for (const how of ['tensors', 'writer']) costs[`${format} ${how}`] = own(format, how, '5')
    measured.push({ load, costs })
    console.error(`round ${round + 1} of ${rounds}`)
  }
  writeReport('quantization-cost', 'quantization', { rounds: measured }, (facts) => page(facts, measured))
}

function own(...args: readonly string[]): Cost {
  const [program, ...before] = fromSource('../quantization/step-cost.ts')
  return run(program!, [...before, ...args])
}

const python = (...args: readonly string[]): Cost =>
  run('/usr/bin/python3', [fileURLToPath(new URL('../step-cost.py', import.meta.url)), ...args])

const run = (program: string, args: readonly string[]): Cost =>
  JSON.parse(
    execFileSync(program, args, {
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as Cost

function page({ date, command, machine }: ReportFacts, rounds: readonly Round[]): string {
  const of = (name: string, which: keyof Cost): string => {
    const values = rounds.map(({ costs }) => costs[name]![which]).sort((a, b) => a - b)
    return values[Math.floor(values.length / 2)]!.toFixed(0)
  }
  const both = (name: string): string => `${of(name, 'cpuMs')} (${of(name, 'wallMs')})`
  const said = { plain: 'fp32', quantized: 'observed and quantised', frozen: 'quantised, norms frozen' }
  return [
    `# The cost of fake quantisation, ${date}`,
    `\`${command}\``,
    [
      `- ${machine}`,
      `- milliseconds of the processor, and of the clock in brackets; fresh processes in turns, one thread, ${rounds.length} rounds, medians; load average before each round: ${rounds.map(({ load }) => load.toFixed(1)).join(', ')}`,
      '- a step, forward and back, of 8 convolutions of 64 channels, 3 x 3, each with norm, ReLU and a point, on [32, 64, 16, 16]',
      '- PyTorch: ConvBn2d of torch.ao.nn.intrinsic.qat, fused moving averages',
    ].join('\n'),
    markdownTable(
      ['a step', 'Hadal', 'PyTorch'],
      kinds.map((kind) => [said[kind], both(`hadal ${kind}`), both(`PyTorch ${kind}`)]),
    ),
    markdownTable(
      ['a million weights', 'on tensors', 'written and read'],
      formats.map((format) => [format, both(`${format} tensors`), both(`${format} writer`)]),
    ),
    '',
  ].join('\n\n')
}
