/** uPlot with the page's colours: draws, reports the hovered point and selected range, and frees its resources. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from '../theme.ts'
import { chartHeight, type LineChartProps, type Series } from './line-chart-props.ts'
import { rangeOf } from './range.ts'
import { type Points, thin } from './thin.ts'
import { numberTicks, timeTicks } from './ticks.ts'

export interface Shown {
  readonly x: readonly number[]
  readonly series: readonly Series[]
  readonly hidden: ReadonlySet<string>
  /** Visible range of `x`; undefined shows all of it. */
  readonly range: readonly [number, number] | undefined
}

export interface PlotListeners {
  readonly onPoint: (x: number | undefined) => void
  readonly onZoom: (range: readonly [number, number] | undefined) => void
}

export interface Plot {
  show(shown: Shown): void
  /** Moves by `by` points; undefined: no point. */
  point(by: number | undefined): void
  /** Others fade. */
  emphasize(label: string | undefined): void
  end(): void
}

/** Draws into `frame`, which may change its width. */
export function plotOf(frame: HTMLElement, props: () => LineChartProps, listeners: PlotListeners): Plot {
  const { series, height = chartHeight } = props()
  let shown: Shown | undefined
  let points: Points = { x: [], columns: [] }
  const plot = new uPlot(optionsOf(frame.clientWidth, props, listeners), [[], ...series.map(() => [])], frame)

  const draw = (): void => {
    if (shown === undefined) return
    const { x, range, hidden } = shown
    const columns = shown.series.map(({ values }) => values)
    points = drawable(thin({ x, columns }, Math.max(50, frame.clientWidth), range), props().isLogarithmic)
    plot.batch(() => {
      for (const [at, { label }] of shown!.series.entries())
        if (plot.series[at + 1]!.show === hidden.has(label))
          plot.setSeries(at + 1, { show: !hidden.has(label) })
      plot.setData([points.x, ...points.columns] as uPlot.AlignedData, false)
      const [min, max] = range ?? [points.x[0] ?? 0, points.x.at(-1) ?? 1]
      plot.setScale('x', { min, max: max > min ? max : min + 1 })
    })
  }
  const sized = new ResizeObserver(() => {
    if (frame.clientWidth === 0 || frame.clientWidth === plot.width) return
    plot.setSize({ width: frame.clientWidth, height })
    draw()
  })
  sized.observe(frame)
  const unpaint = theme.subscribe(() => plot.redraw(false))
  return {
    show(next) {
      shown = next
      draw()
    },
    point(by) {
      if (by === undefined || points.x.length === 0) return plot.setCursor({ left: -10, top: -10 })
      const last = points.x.length - 1
      const at = Math.min(last, Math.max(0, (plot.cursor.idx ?? (by < 0 ? last + 1 : -1)) + by))
      plot.setCursor({ left: plot.valToPos(points.x[at]!, 'x'), top: 0 })
    },
    emphasize(label) {
      const at = shown?.series.findIndex((one) => one.label === label) ?? -1
      plot.setSeries(at === -1 ? null : at + 1, { focus: at !== -1 })
    },
    end() {
      sized.disconnect()
      unpaint()
      plot.destroy()
    },
  }
}

/** Replaces non-numbers with gaps, and values <= 0 on a logarithmic axis. */
function drawable({ x, columns }: Points, isLogarithmic = false): Points {
  const isDrawn = (value: number | null | undefined): boolean =>
    value !== null && value !== undefined && Number.isFinite(value) && (!isLogarithmic || value > 0)
  return { x, columns: columns.map((values) => values.map((value) => (isDrawn(value) ? value : null))) }
}

function optionsOf(width: number, props: () => LineChartProps, listeners: PlotListeners): uPlot.Options {
  const { series, xKind, isLogarithmic = false, floor = 0, group, height = chartHeight } = props()
  let below: string[] = []
  const grid = { stroke: () => color('--line'), width: 1 }
  const axis = {
    stroke: () => color('--text-faint'),
    grid,
    ticks: { show: false },
    font: `12px ${fontFamily()}`,
  }
  return {
    width: Math.max(width, 50),
    height,
    ms: 1,
    legend: { show: false },
    // The last name below is centred at its tick, which may be at the very edge.
    padding: [10, (plot) => Math.max(12, Math.ceil(widthOf(plot.ctx, below.slice(-1)) / 2)), 0, 0],
    focus: { alpha: 0.25 },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      ...(group !== undefined && { sync: { key: group, setSeries: false, scales: ['x', null] } }),
    },
    scales: {
      x: { time: xKind === 'time' },
      y: {
        distr: isLogarithmic ? 3 : 1,
        range: (_, low, high) => rangeOf(low, high, { marks: props().marks ?? [], floor, isLogarithmic }),
      },
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 30,
        values(_, ticks, _axis, _space, step) {
          below = xKind === 'time' ? timeTicks(ticks, step) : numberTicks(ticks)
          return below
        },
      },
      {
        ...axis,
        space: 34,
        size: (plot, labels) => widthOf(plot.ctx, labels) + 14,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : props().format(tick))),
      },
    ],
    series: [
      {},
      ...series.map(({ label, color: place, isDashed, isFilled, isSparse = false }, at): uPlot.Series => {
        const name = `--series-${place ?? (at % 6) + 1}`
        return {
          label,
          width: 1.75,
          stroke: () => color(name),
          ...(isDashed && { dash: [6, 4] }),
          ...(isFilled && { fill: () => `color-mix(in srgb, ${color(name)} 12%, transparent)` }),
          ...(isSparse && { spanGaps: true }),
          points: { show: true, size: 5, fill: () => color(name), filter: pointsOf(isSparse) },
        }
      }),
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, props())],
      setCursor: [
        ({ cursor, data }) =>
          listeners.onPoint(
            cursor.idx === null || cursor.idx === undefined ? undefined : data[0][cursor.idx],
          ),
      ],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select
          if (wide < 4) return
          listeners.onZoom([plot.posToVal(left, 'x'), plot.posToVal(left + wide, 'x')])
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
      ready: [(plot) => plot.over.addEventListener('dblclick', () => listeners.onZoom(undefined))],
    },
  }
}

/** Draws dots where values are few, and for isolated values between gaps, which have no line. */
function pointsOf(isSparse: boolean): uPlot.Series.Points.Filter {
  return (plot, at, _isShown, _gaps) => {
    const values = plot.data[at]!
    const known: number[] = []
    for (let index = 0; index < values.length; index++) if (isKnown(values[index])) known.push(index)
    if (known.length * 16 < plot.bbox.width / devicePixelRatio) return known
    return isSparse ? [] : known.filter((index) => !isKnown(values[index - 1]) && !isKnown(values[index + 1]))
  }
}

const isKnown = (value: number | null | undefined): boolean => value !== null && value !== undefined

function drawMarks(plot: uPlot, { marks = [] }: LineChartProps): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = color('--text-soft')
  ctx.fillStyle = color('--text-soft')
  ctx.font = `${11 * ratio}px ${fontFamily()}`
  ctx.textAlign = 'right'
  ctx.textBaseline = 'bottom'
  ctx.lineWidth = ratio
  ctx.setLineDash([2 * ratio, 3 * ratio])
  for (const { value, label } of marks) {
    const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5
    if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.fillText(label, bbox.left + bbox.width - 2 * ratio, y - 2 * ratio)
  }
  ctx.restore()
}

/** In CSS pixels; the context measures in those of the screen. */
function widthOf(ctx: CanvasRenderingContext2D, labels: readonly string[] | null): number {
  ctx.save()
  ctx.font = `${12 * devicePixelRatio}px ${fontFamily()}`
  const widest = Math.max(0, ...(labels ?? []).map((label) => ctx.measureText(label).width))
  ctx.restore()
  return widest / devicePixelRatio
}

/** As the theme has it now. */
function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

const fontFamily = (): string => getComputedStyle(document.body).fontFamily
