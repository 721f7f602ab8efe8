/**
 * What fused operators gain: each beside libtorch's operators (`hadal op bench`), and steps of a decoder in fp32 with them and without,
 * in fresh processes in turns.
 *
 *     npm run bench custom-ops -- [--rounds 5] [--steps 8]
 *
 * Steps are compared by processor time, which other work on the machine disturbs least. One thread each. Writes
 * bench/reports/<date>-custom-ops.json and .md.
 */

import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from '@hadal/base'
import { benchOp, fusedRmsNorm, fusedSwiGlu, libraryInfo, setNumThreads, torch } from '@hadal/tensor'
import { markdownTable, writeReport } from '../report-files.ts'
import type { StepsMeasured } from './step.ts'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, steps: { type: 'string', default: '8' } },
})
const [rounds, steps] = [Number(flags.rounds), Number(flags.steps)]
setNumThreads(1)
const benchShapes = [
  [4096, 256],
  [2048, 768],
]
const norm = await benchOp(
  {
    definition: fusedRmsNorm,
    // libtorch's own composition, as a decoder without fused operators has it.
    reference: (x, weight, eps) => {
      const y = torch.rmsNorm(x, [...weight.shape], weight, eps)
      return [y, y]
    },
    arguments: (draw, shape) => [draw(shape), draw([shape.at(-1)!]), 1e-5],
    benchShapes,
  },
  { rounds, onLine: () => console.error('a line of the norm') },
)
const gate = await benchOp(
  {
    definition: fusedSwiGlu,
    reference: (x, value) => torch.silu(x).mul(value),
    arguments: (draw, shape) => [draw(shape), draw(shape)],
    benchShapes: benchShapes.map(([rows, width]) => [rows!, 3 * width!]),
  },
  { rounds, onLine: () => console.error('a line of the gate') },
)

const scenarios = [
  { name: 'd = 256, 6 layers, 8 windows of 256', width: 256, layers: 6, windows: 8, length: 256 },
  { name: 'd = 512, 4 layers, 4 windows of 256', width: 512, layers: 4, windows: 4, length: 256 },
]
const program = fileURLToPath(new URL('step.ts', import.meta.url))
const turn = (scenario: object, fused: boolean): StepsMeasured =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--conditions=@hadal/source',
        '--import',
        'tsx',
        program,
        JSON.stringify({ ...scenario, steps, fused }),
      ],
      { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1' } },
    ),
  ) as StepsMeasured

const measured = scenarios.map((scenario) => ({
  ...scenario,
  rounds: Array.from({ length: rounds }, (_, round) => {
    const load = loadavg()[0]!
    const [composed, fused] = [turn(scenario, false), turn(scenario, true)]
    console.error(`${scenario.name}: round ${round + 1} of ${rounds}`)
    return { load, composed, fused }
  }),
}))

const opRows = [norm, gate].flatMap(({ name, lines }) =>
  lines.map(({ shape, direction, opMicros, referenceMicros, bytes }) => [
    `${name}, ${shape.join(' x ')}, ${direction}`,
    (referenceMicros / 1000).toFixed(2),
    (opMicros / 1000).toFixed(2),
    (referenceMicros / opMicros).toFixed(2),
    direction === 'forward' ? (bytes / opMicros / 1e3).toFixed(1) : '',
  ]),
)
const stepRows = measured.map((scenario) => {
  const millis = (side: 'composed' | 'fused'): number[] =>
    scenario.rounds.map((round) => median(round[side].cpuMicros) / 1000)
  const [composed, fused] = [millis('composed'), millis('fused')]
  const ratios = composed.map((each, i) => each / fused[i]!)
  const [{ composed: theirs, fused: ours }] = scenario.rounds as [(typeof scenario.rounds)[0]]
  const apart = Math.max(...ours.losses.map((loss, i) => Math.abs(loss - theirs.losses[i]!)))
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  return [
    scenario.name,
    median(composed).toFixed(0),
    median(fused).toFixed(0),
    `${median(ratios).toFixed(2)} (${range})`,
    apart.toExponential(1),
  ]
})

writeReport(
  'custom-ops',
  'custom-ops',
  { libtorch: libraryInfo(), ops: [norm, gate], steps: measured },
  ({ date, command, machine }) => `# Fused operators, ${date}

\`${command}\`

- ${machine}, libtorch ${libraryInfo().version}, ${libraryInfo().blas}; one thread
- load average before each round: ${measured.flatMap(({ rounds: all }) => all.map(({ load }) => load.toFixed(1))).join(', ')}

Each operator beside libtorch's, rounds in turns in one process, medians of ${rounds} rounds by the wall clock, ms of one call. GB/s: arguments
read and results written once.

${markdownTable(['call, fp32', 'libtorch', 'fused', 'faster by', 'GB/s'], opRows)}

Steps of a decoder in fp32 (\`fusedOps\` false and true), fresh processes in turns: ms of processor time of a step, medians over ${steps - 1} steps,
then over ${rounds} rounds; the ratio by round, its range in brackets; and how far losses of the same step lie apart at most.

${markdownTable(['model', 'composed', 'fused', 'faster by', 'losses apart'], stepRows)}
`,
)
