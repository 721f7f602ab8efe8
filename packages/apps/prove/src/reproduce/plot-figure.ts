/** A plot of a claim as a figure of the page. */

import { axisAround, barChart, escapeXml, xyChart } from '@hadal/output'
import type { Plot } from '../claim.ts'

/** Colours that the page's style sheet knows. */
const maxSeries = 6

export function plotFigure(plot: Plot): string {
  const [unit, chart] =
    plot.kind === 'bars' ? [plot.unit, barChart(plot)] : [`${plot.y}, by ${plot.x}`, linesChart(plot)]
  const names = plot.kind === 'lines' ? legend(plot) : ''
  return `<figure><figcaption>${escapeXml(plot.title)} <span>${escapeXml(unit)}</span></figcaption>${names}${chart}</figure>`
}

type Lines = Extract<Plot, { kind: 'lines' }>

function linesChart({ title, x, y, isLogX, isLogY, series, mark }: Lines): string {
  // Diverged values are not finite, and JSON encodes them as null.
  const isDrawn = ([px, py]: readonly [number, number]): boolean =>
    Number.isFinite(px) && Number.isFinite(py) && (!isLogX || px > 0) && (!isLogY || py > 0)
  const drawn = series.slice(0, maxSeries).map(({ name, points }) => ({
    name,
    points: points.filter(isDrawn).map(([px, py]) => ({ x: px, y: py })),
  }))
  const all = drawn.flatMap(({ points }) => points)
  const ys = all.map((point) => point.y)
  return xyChart({
    title,
    x: axisAround(
      x,
      all.map((point) => point.x),
      isLogX,
    ),
    y: axisAround(y, mark === undefined ? ys : [...ys, mark.value], isLogY),
    series: drawn,
    ...(mark !== undefined && { mark }),
    hasNames: false,
  })
}

function legend({ series }: Lines): string {
  if (series.length < 2) return ''
  const names = series
    .slice(0, maxSeries)
    .map(({ name }, number) => `<span class="s${number}">${escapeXml(name)}</span>`)
  const more = series.length - maxSeries
  return `<p class="legend">${names.join('')}${more > 0 ? `<span>and ${more} more</span>` : ''}</p>`
}
