/** Ten thousand steps of a tiny model through the real loop, with evaluation and checkpoints: whether memory stays what it is. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { allocators, fromSource } from '../contenders.ts'
import type { MemoryEnd, MemorySample } from '../memory-run.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { average } from '../statistics.ts'

/** Of the steps; by then everything that is made once has been. */
const settled = 0.2
/** More than this, of what the process holds, over the steps that count is no flat line. */
const flatWithin = 0.01

export async function memory({ threads = 1, allocator, steps = 10_000 }: ScenarioFlags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
  const loadAverage = loadavg()[0]!
  const samples: MemorySample[] = []
  let end: MemoryEnd | undefined
  try {
    const [program, ...run] = [...fromSource('memory-run.ts'), folder, String(steps), String(threads)]
    const args = ['--expose-gc', ...run]
    const env = {
      ...process.env,
      ...allocators[allocator],
      OMP_NUM_THREADS: String(threads),
      NODE_OPTIONS: '',
    }
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
    const ended = once(child, 'exit')
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as MemorySample | MemoryEnd
      if ('leftTensors' in said) end = said
      else samples.push(said)
      if (samples.length % 20 === 0 && 'step' in said)
        console.log(
          `step ${said.step}: ${said.residentMiB.toFixed(1)} MiB resident, ${said.liveTensors} tensors`,
        )
    }
    await ended
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (end === undefined) throw new Error('the run did not reach its end')
  const left = end
  writeReport(
    'training-memory',
    'training',
    { steps, threads, allocator, loadAverage, samples, left },
    (facts) => page(facts, steps, threads, allocator, samples, left),
  )
}

function page(
  { date, command, machine }: ReportFacts,
  steps: number,
  threads: number,
  allocator: string,
  samples: readonly MemorySample[],
  left: MemoryEnd,
): string {
  const counted = samples.filter(({ step }) => step > steps * settled)
  const [first, last] = [counted[0]!, counted.at(-1)!]
  const slopeOf = (read: (sample: MemorySample) => number): number => 1000 * slope(counted, read)
  const own = slopeOf(({ ownMiB }) => ownMiB)
  const rise = (own * (last.step - first.step)) / 1000
  const mean = average(counted.map(({ ownMiB }) => ownMiB))
  const tensorCounts = [...new Set(counted.map(({ liveTensors }) => liveTensors))]
  const isFlat = rise <= flatWithin * mean
  const rows = samples
    .filter((_, at) => at % Math.ceil(samples.length / 20) === 0 || at === samples.length - 1)
    .map(({ step, residentMiB, ownMiB, heapMiB, tensorMiB, liveTensors }) => [
      step,
      residentMiB.toFixed(1),
      ownMiB.toFixed(1),
      heapMiB.toFixed(1),
      tensorMiB.toFixed(2),
      liveTensors,
    ])
  return `# Memory of a long run, ${date}

\`${command}\`

- ${machine}
- ${steps} steps of a Llama of 2 layers of 64 through \`train()\`, 2 passes of 4 x 32 tokens each, ${threads} thread${threads === 1 ? '' : 's'}, allocator: ${allocator}; twenty evaluations and checkpoints
- ${samples.length} samples from within the run, each after a garbage collection; lines by least squares over the last ${100 * (1 - settled)} % of the steps

${markdownTable(
  ['', ''],
  [
    [
      'own memory (resident or swapped out, without files)',
      `${own >= 0 ? '+' : ''}${own.toFixed(3)} MiB per 1,000 steps, ${rise.toFixed(2)} of ${mean.toFixed(0)} MiB over all: **${isFlat ? 'flat' : 'not flat'}** (at most ${100 * flatWithin} %)`,
    ],
    ['JavaScript heap in use', `${slopeOf(({ heapMiB }) => heapMiB).toFixed(3)} MiB per 1,000 steps`],
    [
      'tensors alive after a step',
      tensorCounts.length === 1
        ? `${tensorCounts[0]}, in every sample`
        : `**varies**: ${tensorCounts.join(', ')}`,
    ],
    ['held by libtorch', `${slopeOf(({ tensorMiB }) => tensorMiB).toFixed(4)} MiB per 1,000 steps`],
    [
      '`leaks()` after the run',
      left.leftTensors === 0 ? 'empty' : `**${left.leftTensors} tensors**, ${left.leftBytes} bytes`,
    ],
  ],
)}

${markdownTable(['step', 'resident MiB', 'own MiB', 'heap MiB', 'libtorch MiB', 'tensors'], rows)}
`
}

/** Least squares, a step. */
function slope(samples: readonly MemorySample[], read: (sample: MemorySample) => number): number {
  const x = average(samples.map(({ step }) => step))
  const y = average(samples.map(read))
  const above = samples.reduce((sum, sample) => sum + (sample.step - x) * (read(sample) - y), 0)
  return above / samples.reduce((sum, { step }) => sum + (step - x) ** 2, 0)
}
