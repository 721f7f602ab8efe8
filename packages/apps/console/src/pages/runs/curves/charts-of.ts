/** Chooses the charts of runs: related curves share one for a single run; each metric has its own for several. Pure. */

import type { RunDetail } from '@hadal/protocol'
import { formatBytes, formatCount, formatPercent } from '../../../design/format.ts'
import { formatFigure, formatLarge } from '../format-figure.ts'
import type { RunWords } from '../words.ts'
import type { Curve, RunCurves } from './curves-of-run.ts'

export interface ShownRun {
  readonly detail: Pick<
    RunDetail,
    'id' | 'name' | 'path' | 'unit' | 'flopsPerToken' | 'peakFlops' | 'rates' | 'epsilonBudget'
  >
  readonly curves: RunCurves
}

export interface ChartLine {
  readonly label: string
  /** The same for a run in every chart that it shares with others. */
  readonly color?: 1 | 2 | 3 | 4 | 5 | 6
  readonly run: ShownRun
  readonly curve: Curve
}

export interface RunChart {
  readonly key: string
  readonly title: string
  readonly lines: readonly ChartLine[]
  readonly format: (value: number) => string
  readonly marks?: readonly { readonly value: number; readonly label: string }[]
  /** The axis need not begin at 0. */
  readonly isFree?: boolean
}

interface Measure {
  readonly name: string
  readonly label: string
  readonly scale?: (run: ShownRun) => number | undefined
}

interface Group {
  readonly key: string
  readonly title: string
  readonly measures: readonly Measure[]
  readonly format: (value: number) => string
  readonly isFree?: boolean
}

const maxLines = 6
/** Charts shown for a single run only; several runs would produce too many. */
const ofOneRun: ReadonlySet<string> = new Set(['owners', 'rows'])
const colours = [1, 2, 3, 4, 5, 6] as const

export function chartsOf(runs: readonly ShownRun[], say: RunWords): RunChart[] {
  const [only] = runs
  const charts: RunChart[] = []
  for (const group of groupsOf(runs, say)) {
    const { key, title, measures, format, isFree = false } = group
    const marks = key === 'epsilon' ? budgetsOf(runs, say) : []
    const shared = { format, isFree, ...(marks.length > 0 && { marks }) }
    if (runs.length === 1) {
      const lines = measures.flatMap((measure) => lineOf(only!, measure, measure.label))
      for (let at = 0; at < lines.length; at += maxLines)
        charts.push({ key: `${key}${at}`, title, lines: lines.slice(at, at + maxLines), ...shared })
      continue
    }
    if (ofOneRun.has(key)) continue
    const measured = measures
      .map((measure) => ({
        measure,
        lines: runs.flatMap((run, at) =>
          lineOf(run, measure, labelOf(run, runs)).map((line) => ({
            ...line,
            color: colours[at % maxLines]!,
          })),
        ),
      }))
      .filter(({ lines }) => lines.length > 0)
    for (const { measure, lines } of measured) {
      const named = measured.length === 1 ? title : `${title}: ${measure.label}`
      charts.push({ key: `${key} ${measure.name} ${measure.label}`, title: named, lines, ...shared })
    }
  }
  return charts
}

function lineOf(run: ShownRun, { name, scale }: Measure, label: string): ChartLine[] {
  const curve = run.curves.series.get(name)
  if (curve === undefined || curve.steps.length === 0) return []
  if (scale === undefined) return [{ label, run, curve }]
  const factor = scale(run)
  if (factor === undefined) return []
  return [{ label, run, curve: { steps: curve.steps, values: curve.values.map((value) => value * factor) } }]
}

/** Names of runs, and where two have the same, their folders. */
export const labelOf = ({ detail }: ShownRun, runs: readonly ShownRun[]): string =>
  runs.filter((other) => other.detail.name === detail.name).length > 1 ? detail.path : detail.name

function groupsOf(runs: readonly ShownRun[], say: RunWords): Group[] {
  const unit = runs[0]?.detail.unit ?? 'tokens'
  const names = new Set(runs.flatMap(({ curves }) => [...curves.series.keys()]))
  const measures = [...names].filter((name) => name.startsWith('measure.')).sort()
  return [
    {
      key: 'loss',
      title: say.chartLoss,
      measures: [
        { name: 'loss', label: say.train },
        { name: 'validLoss', label: say.valid },
      ],
      format: formatFigure,
      isFree: true,
    },
    rates(runs, say),
    {
      key: 'norm',
      title: say.chartNorm,
      measures: [
        { name: 'gradientNorm', label: say.norm },
        { name: 'privacy.medianNorm', label: say.medianNorm },
      ],
      format: formatFigure,
    },
    {
      key: 'speed',
      title: say.chartSpeed(unit),
      measures: [{ name: 'unitsPerSecond', label: unit }],
      format: formatLarge,
    },
    {
      key: 'mfu',
      title: say.chartUtilization,
      measures: [{ name: 'unitsPerSecond', label: 'MFU', scale: utilizationScale }],
      format: formatPercent,
    },
    {
      key: 'memory',
      title: say.chartMemory,
      measures: [
        { name: 'memory.process', label: say.process },
        { name: 'memory.peak', label: say.peak },
      ],
      format: formatBytes,
    },
    {
      key: 'owners',
      title: say.chartOwners,
      measures: (['weights', 'gradients', 'optimizer', 'average', 'activations'] as const).map((owner) => ({
        name: `memory.${owner}`,
        label: say[owner],
      })),
      format: formatBytes,
    },
    {
      key: 'scale',
      title: say.chartScale,
      measures: [{ name: 'lossScale', label: say.chartScale }],
      format: formatCount,
    },
    {
      key: 'epsilon',
      title: say.chartEpsilon,
      measures: [{ name: 'epsilon', label: say.chartEpsilon }],
      format: formatFigure,
    },
    {
      key: 'clipped',
      title: say.chartClipped,
      measures: [{ name: 'privacy.clippedShare', label: say.chartClipped }],
      format: formatPercent,
    },
    {
      key: 'rows',
      title: say.chartRows,
      measures: [{ name: 'privacy.rows', label: say.chartRows }],
      format: formatCount,
    },
    {
      key: 'measures',
      title: say.chartMeasures,
      measures: measures.map((name) => ({ name, label: name.slice('measure.'.length) })),
      format: formatFigure,
      isFree: true,
    },
    {
      key: 'experts',
      title: say.chartExperts,
      measures: [{ name: 'expertImbalance', label: say.chartExperts }],
      format: formatFigure,
      isFree: true,
    },
  ]
}

/** For one run, each part with its own learning rate; with many parts, a sample from bottom to top. */
function rates(runs: readonly ShownRun[], say: RunWords): Group {
  const parts = runs.length === 1 ? runs[0]!.detail.rates : []
  const few = Math.min(parts.length, maxLines)
  const shown = Array.from(
    { length: few },
    (_, at) => parts[Math.round((at * (parts.length - 1)) / Math.max(1, few - 1))]!,
  )
  const measures: Measure[] =
    shown.length === 0
      ? [{ name: 'learningRate', label: say.rate }]
      : shown.map(({ name, factor }) => ({ name: 'learningRate', label: name, scale: () => factor }))
  return {
    key: 'rate',
    title: shown.length === 0 ? say.chartRate : say.chartRates,
    measures,
    format: formatFigure,
  }
}

/** Model FLOPs utilization for each unit a second (arXiv:2204.02311, appendix B). */
export function utilizationScale({
  detail: { flopsPerToken, peakFlops },
}: Pick<ShownRun, 'detail'>): number | undefined {
  return flopsPerToken === undefined || peakFlops === undefined || peakFlops <= 0
    ? undefined
    : flopsPerToken / peakFlops
}

function budgetsOf(runs: readonly ShownRun[], say: RunWords): { value: number; label: string }[] {
  return runs.flatMap((run) => {
    const value = run.detail.epsilonBudget
    if (value === undefined) return []
    return [{ value, label: runs.length === 1 ? say.budget : `${say.budget} ${labelOf(run, runs)}` }]
  })
}
