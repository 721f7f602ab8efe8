/** What was measured of training steps, as a page. Knows nothing about how. */

import { median } from 'hadal'
import { markdownTable, type ReportFacts } from '../../report-files.ts'

export interface Turn {
  readonly tokensPerSecond: number
  readonly cpuMillisPerStep: number
  readonly pageFaultsPerStep: number
}

export interface Round {
  readonly loadAverage: number
  readonly hadal: Turn
  readonly pytorch: Turn
}

export interface Measured {
  readonly name: string
  readonly stepsPerBlock: number
  /** Of any step's loss, in nats. */
  readonly largestLossDifference: number
  readonly libraries: readonly string[]
  readonly versions: Readonly<Record<string, string>>
  readonly residentMiB: Readonly<Record<string, number>>
  readonly rounds: readonly Round[]
}

interface Setup {
  readonly threads: number
  readonly allocator: string
  readonly blockSeconds: number
}

export const speedRatio = ({ hadal, pytorch }: Round): number =>
  hadal.tokensPerSecond / pytorch.tokensPerSecond
const cpuRatio = ({ hadal, pytorch }: Round): number => pytorch.cpuMillisPerStep / hadal.cpuMillisPerStep

/** The middle half of them. */
function quartiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): string => sorted[Math.round((sorted.length - 1) * part)]!.toFixed(3)
  return `${at(0.25)} to ${at(0.75)}`
}

export function stepPage(
  { date, command, machine }: ReportFacts,
  { threads, allocator, blockSeconds }: Setup,
  measured: readonly Measured[],
): string {
  const [{ versions, libraries, rounds: firstRounds }] = measured as [Measured, ...Measured[]]
  const loads = measured.flatMap(({ rounds }) => rounds.map(({ loadAverage }) => loadAverage))
  const rows = measured.map(({ name, rounds, largestLossDifference, residentMiB }) => {
    const of = (read: (round: Round) => number): number => median(rounds.map(read))
    return [
      name,
      of(({ hadal }) => hadal.tokensPerSecond).toFixed(0),
      of(({ pytorch }) => pytorch.tokensPerSecond).toFixed(0),
      `**${of(speedRatio).toFixed(3)}**`,
      quartiles(rounds.map(speedRatio)),
      of(({ hadal }) => hadal.cpuMillisPerStep).toFixed(1),
      of(({ pytorch }) => pytorch.cpuMillisPerStep).toFixed(1),
      of(cpuRatio).toFixed(3),
      `${of(({ hadal }) => hadal.pageFaultsPerStep).toFixed(0)} / ${of(({ pytorch }) => pytorch.pageFaultsPerStep).toFixed(0)}`,
      largestLossDifference.toExponential(1),
      `${residentMiB.hadal!.toFixed(0)} / ${residentMiB.PyTorch!.toFixed(0)}`,
    ]
  })
  return `# A training step against PyTorch, ${date}

\`${command}\`

- ${machine}
- Hadal on ${versions.hadal}, PyTorch ${versions.PyTorch}; both map ${libraries.join(', ')}
- ${threads} thread${threads === 1 ? '' : 's'} each, allocator: ${allocator}
- decoders of 4 layers, 4,096 tokens in the vocabulary: d=256 (4 heads, 2 of keys and values, 8 x 128 tokens a step), d=768 (12 and 4, 4 x 128); bf16: weights in bf16, fp32 masters, attention in fp32 on both sides
- a step is forward, backward, clipping and fused AdamW; Hadal's is the real loop (\`train()\`, divergence guard off), PyTorch's \`bench/training/decoder.py\`; the same weights and batches
- ${firstRounds.length} rounds of about ${blockSeconds} s a side in alternation, both processes started anew every fourth; medians, and the ratio is the median of the rounds' ratios
- load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}

${markdownTable(
  [
    'case',
    'Hadal tokens/s',
    'PyTorch tokens/s',
    'Hadal is so many times faster',
    'middle half of the rounds',
    'Hadal processor ms a step',
    'PyTorch processor ms a step',
    'PyTorch / Hadal',
    'page faults a step, Hadal / PyTorch',
    'largest difference of a loss',
    'resident MiB, Hadal / PyTorch',
  ],
  rows,
)}
`
}
