/** Curves over numbers as SVG; the axis below can be logarithmic. Colours come from the page's style sheet. */

import { escapeXml } from '../load/line-chart.ts'

export interface XyChart {
  readonly title: string
  readonly x: {
    readonly name: string
    readonly from: number
    readonly to: number
    readonly isLog?: boolean
    readonly ticks: readonly number[]
  }
  /** Shares, from 0 to 1. */
  readonly yName: string
  /** At most six. */
  readonly series: readonly {
    readonly name: string
    readonly points: readonly { readonly x: number; readonly y: number }[]
    readonly isDashed?: boolean
  }[]
  readonly format: (x: number) => string
}

const [width, height] = [520, 320]
const margin = { left: 48, right: 96, top: 12, bottom: 44 }

export function xyChart({ title, x, yName, series, format }: XyChart): string {
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }
  const along = x.isLog ? Math.log : (value: number): number => value
  const xAt = (value: number): number => {
    const clipped = Math.min(x.to, Math.max(x.from, value))
    return fixed(
      margin.left + (inner.width * (along(clipped) - along(x.from))) / (along(x.to) - along(x.from)),
    )
  }
  const yAt = (value: number): number => fixed(margin.top + inner.height * (1 - value))
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${yAt(value)}" y2="${yAt(value)}"/><text x="${margin.left - 8}" y="${yAt(value)}" dy=".32em" text-anchor="end">${value * 100}%</text>`,
  )
  const columns = x.ticks.map(
    (value) =>
      `<line class="grid" x1="${xAt(value)}" x2="${xAt(value)}" y1="${margin.top}" y2="${height - margin.bottom}"/><text x="${xAt(value)}" y="${height - margin.bottom + 16}" text-anchor="middle">${escapeXml(format(value))}</text>`,
  )
  const curves = series.map(({ points, isDashed, name }, number) => {
    const path = points.map((point) => `${xAt(point.x)},${yAt(point.y)}`).join(' ')
    return `<polyline class="s${number}"${isDashed ? ' stroke-dasharray="5 4"' : ''} points="${path}"><title>${escapeXml(name)}</title></polyline>`
  })
  const names = series.map(({ name }, number) => {
    const y = margin.top + 8 + number * 18
    return `<text class="s${number}" x="${width - margin.right + 10}" y="${y}">${escapeXml(name)}</text>`
  })
  const axis = `<text x="${margin.left + inner.width / 2}" y="${height - 8}" text-anchor="middle">${escapeXml(x.name)}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(`${title}: ${yName} by ${x.name}`)}">${rows.join('')}${columns.join('')}${axis}${curves.join('')}${names.join('')}</svg>`
}

/** Beside `pageStyle`, which knows four. */
export const curveStyle: string = `
:root { --five: #b3261e; --six: #667085 }
@media (prefers-color-scheme: dark) { :root { --five: #f2817a; --six: #98a2b3 } }
svg .s4 { stroke: var(--five); fill: var(--five) } svg .s5 { stroke: var(--six); fill: var(--six) }
svg text.s4 { fill: var(--five); stroke: none; font-weight: 600 } svg text.s5 { fill: var(--six); stroke: none; font-weight: 600 }
td.left, th.left { text-align: left; white-space: normal; overflow-wrap: anywhere }
`

/** For a file of its own, which has no page around it: many viewers of pictures know no variables. */
export function standaloneSvg(svg: string): string {
  const colours = ['#1d6fb8', '#c2570c', '#7a4fb5', '#16794c', '#b3261e', '#667085']
  const series = colours.map(
    (colour, number) => `polyline.s${number} { stroke: ${colour} } text.s${number} { fill: ${colour} }`,
  )
  const style = `svg { background: #fff; font: 12px sans-serif } text { fill: #667085 } .grid { stroke: #e4e7ec } polyline { fill: none; stroke-width: 2 } ${series.join(' ')}`
  return svg.replace('>', `><style>${style}</style>`)
}

const fixed = (value: number): number => Math.round(value * 10) / 10
