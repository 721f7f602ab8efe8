/**
 * Renders a run's metrics as text: the block of lines for a terminal, and the single line for other outputs. Pure: every line of
 * the block fits the given columns.
 */

import { formatBytes, formatCount, formatMillis } from '@hadal/base'
import type { Look, Paint } from './paint.ts'
import type { Figures } from './run-figures.ts'
import { sparkline } from './sparkline.ts'
import { cutToWidth, textWidth } from './text-width.ts'

interface Segment {
  readonly text: string
  readonly look?: Look
}

const gap = '  '
const minName = 8
const minBar = 8
const maxBar = 30
const maxSparkline = 60
/** Width of "59m 59s left". */
const timeColumns = 12

/** Three lines, each narrower than `columns`: some terminals break a line that fills them. */
export function renderBlock(figures: Figures, columns: number, paint: Paint): string[] {
  const room = Math.max(0, columns - 1)
  return [headLine(figures, room), lossLine(figures, room), rateLine(figures, room)].map((segments) =>
    segments.map(({ text, look }) => paint(text, look)).join(gap),
  )
}

/** Changing values keep their width, so the bar does not move. */
function headLine({ name, step, totalSteps, secondsLeft }: Figures, room: number): Segment[] {
  const part = totalSteps > 0 ? Math.min(1, step / totalSteps) : 1
  const [head, ...counts] = fitting(
    [
      { text: cutToWidth(name, Math.max(minName, Math.floor(room / 3))), look: 'bold' },
      { text: `step ${String(step).padStart(String(totalSteps).length)}/${totalSteps}` },
      { text: `${String(Math.floor(part * 100)).padStart(3)} %` },
    ],
    room,
  )
  const width = Math.min(maxBar, spare([head!, ...counts], room) - gap.length - timeColumns)
  const bars: Segment[] = width < minBar ? [] : [{ text: bar(part, width), look: 'cyan' }]
  return fitting([head!, ...bars, ...counts, ...timeLeft(secondsLeft)], room)
}

function lossLine({ loss, smoothedLoss, heldOutLoss, losses }: Figures, room: number): Segment[] {
  const isIssue = !Number.isFinite(loss)
  const segments = fitting(
    [
      { text: `loss ${smoothedLoss.toFixed(4)}`, ...(isIssue && { look: 'red' }) },
      ...(heldOutLoss === undefined ? [] : [{ text: `held out ${heldOutLoss.toFixed(4)}` }]),
    ],
    room,
  )
  const width = Math.min(maxSparkline, spare(segments, room))
  return width < 1 ? segments : [...segments, { text: sparkline(losses, width), look: 'cyan' }]
}

const rateLine = (figures: Figures, room: number): Segment[] =>
  fitting(
    rates(figures).map((text) => ({ text, look: 'dim' as const })),
    room,
  )

/** One line of all but the course, for logs. */
export function plainStep(figures: Figures): string {
  const { step, totalSteps, smoothedLoss, secondsLeft } = figures
  return [
    `step ${step}/${totalSteps}`,
    `loss ${smoothedLoss.toFixed(4)}`,
    ...rates(figures),
    ...timeLeft(secondsLeft).map(({ text }) => text),
  ].join(gap)
}

/** In order of importance. */
const rates = ({
  learningRate,
  gradientNorm,
  skipped,
  lossScale,
  tokensPerSecond,
  unit,
  utilization,
  memoryBytes,
  peakBytes,
  privacy,
  epoch,
}: Figures): string[] => [
  `lr ${learningRate.toExponential(1)}`,
  skipped && lossScale !== undefined
    ? `overflow, loss scale ${lossScale}`
    : `norm ${gradientNorm.toFixed(2)}`,
  ...(privacy ? [`clipped ${percent(privacy.rows > 0 ? privacy.clipped / privacy.rows : 0)}`] : []),
  ...(tokensPerSecond === undefined
    ? []
    : [`${formatCount(Math.round(tokensPerSecond))} ${unit === 'tokens' ? 'tok' : unit}/s`]),
  ...(utilization === undefined ? [] : [`MFU ${percent(utilization)}`]),
  ...(memoryBytes === undefined ? [] : [formatBytes(memoryBytes)]),
  ...(peakBytes === undefined ? [] : [`tensors ${formatBytes(peakBytes)}`]),
  `epoch ${epoch.toFixed(2)}`,
]

const timeLeft = (seconds: number | undefined): Segment[] =>
  seconds === undefined ? [] : [{ text: `${formatMillis(seconds * 1000)} left` }]

const percent = (part: number): string => `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`

/** The leading sections that fit; the first is truncated if it is too long itself. */
function fitting([first, ...others]: readonly Segment[], room: number): Segment[] {
  const kept = [{ ...first!, text: cutToWidth(first!.text, room) }]
  for (const segment of others) if (spare(kept, room) >= textWidth(segment.text)) kept.push(segment)
  return kept
}

/** Columns left for one segment more. */
const spare = (segments: readonly Segment[], room: number): number =>
  segments.reduce((left, { text }) => left - textWidth(text) - gap.length, room)

function bar(part: number, width: number): string {
  const full = Math.round(part * width)
  return `${'━'.repeat(full)}${'╌'.repeat(width - full)}`
}
