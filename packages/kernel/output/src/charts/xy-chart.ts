/** An XY chart as SVG; both axes can be logarithmic. Colours come from the page's style sheet. */

import { escapeXml } from './line-chart.ts'

export interface XyAxis {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly isLog?: boolean
  readonly ticks: readonly number[]
  readonly format: (value: number) => string
}

export interface XyChart {
  readonly title: string
  readonly x: XyAxis
  readonly y: XyAxis
  /** Maximum six. */
  readonly series: readonly {
    readonly name: string
    readonly points: readonly { readonly x: number; readonly y: number }[]
    readonly isDashed?: boolean
  }[]
  /** A labelled horizontal line. */
  readonly mark?: { readonly name: string; readonly value: number }
  /** False if the page lists the series itself, so that the curves get the full width. */
  readonly hasNames?: boolean
}

const [width, height] = [520, 320]
const above = 12
const below = 44
/** More dots would obscure the curve. */
const maxDots = 24

export function xyChart({ title, x, y, series, mark, hasNames = true }: XyChart): string {
  const margin = { left: 56, right: hasNames ? 96 : 20, top: above, bottom: below }
  const [right, bottom] = [width - margin.right, height - margin.bottom]
  const xAt = scale(x, margin.left, right)
  const yAt = scale(y, bottom, margin.top)
  const rows = y.ticks.map(
    (value) =>
      `<line class="grid" x1="${margin.left}" x2="${right}" y1="${yAt(value)}" y2="${yAt(value)}"/><text x="${margin.left - 8}" y="${yAt(value)}" dy=".32em" text-anchor="end">${escapeXml(y.format(value))}</text>`,
  )
  const columns = x.ticks.map(
    (value) =>
      `<line class="grid" x1="${xAt(value)}" x2="${xAt(value)}" y1="${margin.top}" y2="${bottom}"/><text x="${xAt(value)}" y="${bottom + 16}" text-anchor="middle">${escapeXml(x.format(value))}</text>`,
  )
  const curves = series.map(({ points, isDashed, name }, number) => {
    const path = points.map((point) => `${xAt(point.x)},${yAt(point.y)}`).join(' ')
    const dots = points.length > maxDots ? [] : points
    const tips = dots.map(
      (point) =>
        `<circle class="s${number}" cx="${xAt(point.x)}" cy="${yAt(point.y)}" r="3"><title>${escapeXml(`${name}: ${y.format(point.y)} at ${x.format(point.x)}`)}</title></circle>`,
    )
    return `<polyline class="s${number}"${isDashed ? ' stroke-dasharray="5 4"' : ''} points="${path}"><title>${escapeXml(name)}</title></polyline>${tips.join('')}`
  })
  const names = series.map(({ name }, number) => {
    const at = margin.top + 8 + number * 18
    return `<text class="s${number}" x="${right + 10}" y="${at}">${escapeXml(name)}</text>`
  })
  const axis = `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">${escapeXml(x.name)}</text>`
  const across =
    mark === undefined
      ? ''
      : `<line class="mark" x1="${margin.left}" x2="${right}" y1="${yAt(mark.value)}" y2="${yAt(mark.value)}"/><text class="mark" x="${right}" y="${fixed(yAt(mark.value) - 5)}" text-anchor="end">${escapeXml(mark.name)}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(`${title}: ${y.name} by ${x.name}`)}">${rows.join('')}${columns.join('')}${axis}${curves.join('')}${across}${hasNames ? names.join('') : ''}</svg>`
}

/** 0 to 1, in percent. */
export const shareAxis = (name: string): XyAxis => ({
  name,
  from: 0,
  to: 1,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (value) => `${value * 100}%`,
})

/** Clamps values to the edge. */
function scale({ from, to, isLog }: XyAxis, begin: number, end: number): (value: number) => number {
  const along = isLog ? Math.log : (value: number): number => value
  return (value) => {
    const clipped = Math.min(to, Math.max(from, value))
    return fixed(begin + ((end - begin) * (along(clipped) - along(from))) / (along(to) - along(from)))
  }
}

/** Extends `pageStyle`, which has four series colours. */
export const curveStyle: string = `
:root { --five: #b3261e; --six: #667085 }
@media (prefers-color-scheme: dark) { :root { --five: #f2817a; --six: #98a2b3 } }
svg .s4 { stroke: var(--five); fill: var(--five) } svg .s5 { stroke: var(--six); fill: var(--six) }
svg text.s4 { fill: var(--five); stroke: none; font-weight: 600 } svg text.s5 { fill: var(--six); stroke: none; font-weight: 600 }
svg line.mark { stroke: var(--soft); stroke-dasharray: 6 4 }
td.left, th.left { text-align: left; white-space: normal; overflow-wrap: anywhere }
`

/** For a standalone file without a style sheet; many image viewers do not support CSS variables. */
export function standaloneSvg(svg: string): string {
  const colours = ['#1d6fb8', '#c2570c', '#7a4fb5', '#16794c', '#b3261e', '#667085']
  const series = colours.map(
    (colour, number) =>
      `polyline.s${number} { stroke: ${colour} } :is(text, circle).s${number} { fill: ${colour} }`,
  )
  const style = `svg { background: #fff; font: 12px sans-serif } text { fill: #667085 } .grid { stroke: #e4e7ec } polyline { fill: none; stroke-width: 2 } ${series.join(' ')}`
  return svg.replace('>', `><style>${style}</style>`)
}

const fixed = (value: number): number => Math.round(value * 10) / 10
