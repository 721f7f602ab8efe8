/** The page of the scenario `checkpointing`, and its picture. */

import { median } from 'hadal'
import { markdownTable, type ReportFacts } from '../../report-files.ts'

export interface Way {
  readonly name: string
  readonly kind: 'kept' | 'layers' | 'selective' | 'PyTorch'
  readonly losses: number[]
  readonly rounds: {
    readonly loadAverage: number
    readonly millisPerStep: number
    readonly cpuMillisPerStep: number
    /** The most that libtorch held within steps, beyond what it holds between them. */
    readonly stepBytes: number | undefined
    /** Of that, what is not gradients. */
    readonly activationBytes: number | undefined
  }[]
}

interface Setup {
  readonly threads: number
  readonly rounds: number
  readonly steps: number
  readonly batchWindows: number
  readonly windowLength: number
}

interface Point {
  readonly name: string
  readonly kind: Way['kind']
  readonly mebibytes: number
  readonly activations: number
  /** Times the time of keeping everything, as the median of rounds. */
  readonly time: number
}

export function checkpointingPage(
  { date, command, machine }: ReportFacts,
  setup: Setup,
  measured: readonly { readonly precision: string; readonly ways: readonly Way[] }[],
  writePicture: (name: string, svg: string) => void,
): string {
  const sections = measured.map(({ precision, ways }) => {
    const whole = ways.find(({ kind }) => kind === 'kept')!
    const [plain, checkpointed] = ways.filter(({ kind }) => kind === 'PyTorch')
    const points = ways.filter(({ kind }) => kind !== 'PyTorch').map((way) => pointOf(way, whole))
    const same = ways
      .filter(({ kind }) => kind !== 'PyTorch')
      .every(({ losses }) => losses.every((loss, at) => loss === whole.losses[at]))
    const name = `training-checkpointing-${precision}`
    writePicture(name, picture(points, precision))
    const [all] = points as [Point]
    return `## ${precision}

![memory of a step against its time](${date}-${name}.svg)

${markdownTable(
  [
    '',
    'memory of a step, MiB',
    'against everything kept',
    'activations in it, MiB',
    'against everything kept',
    'ms a step',
    'time',
    'losses',
  ],
  points.map((point, at) => [
    point.name,
    point.mebibytes.toFixed(0),
    at === 0 ? '' : `${percent(point.mebibytes / all.mebibytes - 1)}`,
    point.activations.toFixed(0),
    at === 0 ? '' : `${percent(point.activations / all.activations - 1)}`,
    median(ways[at]!.rounds.map(({ millisPerStep }) => millisPerStep)).toFixed(0),
    at === 0 ? '' : `${percent(point.time - 1)}`,
    same ? 'the same to the bit' : '**differ**',
  ]),
)}

PyTorch's script: ${median(plain!.rounds.map(({ millisPerStep }) => millisPerStep)).toFixed(0)} ms a step; with every layer under \`torch.utils.checkpoint\` ${percent(ratio(checkpointed!, plain!) - 1)} time.
`
  })
  return `# Gradient checkpointing, ${date}

\`${command}\`

- ${machine}
- a Llama of 12 layers of 384, ${setup.batchWindows} windows of ${setup.windowLength} tokens a step, ${setup.threads} thread${setup.threads === 1 ? '' : 's'}; ${setup.rounds} rounds of ${setup.steps} steps, all ways in turn
- memory of a step: the most that libtorch holds within one, beyond weights, masters and optimizer; gradients are in it, and activations are what is not gradients. Time: CPU time of a step over that of keeping everything, the median of the rounds' ratios

${sections.join('\n')}`
}

const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(0)} %`

function pointOf(way: Way, whole: Way): Point {
  const bytes = median(way.rounds.map(({ stepBytes }) => stepBytes!))
  const activations = median(way.rounds.map(({ activationBytes }) => activationBytes!)) / 2 ** 20
  return { name: way.name, kind: way.kind, mebibytes: bytes / 2 ** 20, activations, time: ratio(way, whole) }
}

/** Of CPU time, in the same rounds. */
const ratio = (way: Way, whole: Way): number =>
  median(way.rounds.map(({ cpuMillisPerStep }, at) => cpuMillisPerStep / whole.rounds[at]!.cpuMillisPerStep))

const colours = { kept: '#444', layers: '#c2410c', selective: '#0369a1', PyTorch: '#444' } as const

/** Memory to the right, time upwards. */
function picture(points: readonly Point[], title: string): string {
  const [width, height, edge] = [640, 400, 56]
  const most = Math.max(...points.map(({ mebibytes }) => mebibytes)) * 1.05
  const slowest = Math.max(...points.map(({ time }) => time), 1.3) + 0.02
  const x = (mebibytes: number): number => edge + ((width - 2 * edge) * mebibytes) / most
  const y = (time: number): number => height - edge - ((height - 2 * edge) * (time - 0.95)) / (slowest - 0.95)
  const line = (kind: Point['kind']): string => {
    const path = points
      .filter((point) => point.kind === kind || point.kind === 'kept')
      .sort((a, b) => a.mebibytes - b.mebibytes)
      .map(({ mebibytes, time }) => `${x(mebibytes).toFixed(1)},${y(time).toFixed(1)}`)
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colours[kind]}" stroke-opacity="0.4"/>`
  }
  const text = (at: number, down: number, words: string, anchor = 'middle', colour = '#222'): string =>
    `<text x="${at.toFixed(1)}" y="${down.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`
  const marks = points.map(
    ({ name, kind, mebibytes, time }) =>
      `<circle cx="${x(mebibytes).toFixed(1)}" cy="${y(time).toFixed(1)}" r="4" fill="${colours[kind]}"><title>${name}</title></circle>`,
  )
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    text(x(most * share), height - edge + 18, (most * share).toFixed(0)),
  )
  const times = [1, 1.1, 1.2, 1.3].map((time) => text(edge - 8, y(time) + 4, `${time.toFixed(1)}`, 'end'))
  const labels = points
    .filter(({ kind }) => kind === 'layers')
    .map(({ name, mebibytes, time }) => text(x(mebibytes), y(time) - 8, name, 'middle', colours.layers))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
<path d="M${edge},${edge} V${height - edge} H${width - edge}" fill="none" stroke="#999"/>
${line('layers')}
${line('selective')}
${[...marks, ...ticks, ...times, ...labels].join('\n')}
${text(width / 2, height - 12, 'memory of a step, MiB')}
${text(edge, edge - 28, `time of a step, times that of keeping everything (${title})`, 'start')}
${text(width - edge, edge - 8, 'every k layers', 'end', colours.layers)}
${text(width - edge, edge + 10, 'under a memory target', 'end', colours.selective)}
</svg>
`
}
