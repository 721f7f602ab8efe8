/** A horizontal bar chart as SVG with labels and a marker line. Colours come from the page's style sheet. */

import { cutText } from '../wrap-text.ts'
import { axisAround, shortNumber } from './axis.ts'
import { escapeXml } from './line-chart.ts'

export interface BarChart {
  readonly title: string
  readonly unit: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
  readonly mark?: { readonly name: string; readonly value: number }
}

const width = 520
const [rowHeight, barHeight] = [40, 14]
/** Values are right of the longest bar. */
const [left, right] = [4, 430]
const maxName = 74

export function barChart({ title, unit, bars, mark }: BarChart): string {
  const known = bars.map(({ value }) => value).filter(Number.isFinite)
  const { from, to } = axisAround('', [0, ...known, ...(mark === undefined ? [] : [mark.value])])
  const at = (value: number): number =>
    Math.round((left + ((right - left) * (value - from)) / (to - from)) * 10) / 10
  const rows = bars.map(({ name, value }, index) => {
    const top = index * rowHeight
    const isKnown = Number.isFinite(value)
    const [begin, end] = isKnown ? [Math.min(at(0), at(value)), Math.max(at(0), at(value))] : [at(0), at(0)]
    const text = textOf(value)
    return `<g><title>${escapeXml(`${name}: ${text} ${unit}`)}</title><text x="${left}" y="${top + 12}">${escapeXml(cutText(name, maxName))}</text><rect class="s0" x="${begin}" y="${top + 18}" width="${Math.max(1, Math.round((end - begin) * 10) / 10)}" height="${barHeight}" rx="2"/><text class="value" x="${end + 6}" y="${top + 18 + barHeight / 2}" dy=".32em">${escapeXml(text)}</text></g>`
  })
  const bottom = bars.length * rowHeight
  const height = bottom + (mark === undefined ? 4 : 22)
  const isRight = mark !== undefined && at(mark.value) > (left + right) / 2
  const across =
    mark === undefined
      ? ''
      : `<line class="mark" x1="${at(mark.value)}" x2="${at(mark.value)}" y1="0" y2="${bottom + 6}"/><text class="mark" x="${at(mark.value)}" y="${bottom + 18}" text-anchor="${isRight ? 'end' : 'start'}">${escapeXml(`${mark.name} ${shortNumber(mark.value)}`)}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(`${title}, ${unit}: ${bars.map(({ name, value }) => `${name} ${textOf(value)}`).join(', ')}`)}">${across}${rows.join('')}</svg>`
}

const textOf = (value: number): string => (Number.isFinite(value) ? shortNumber(value) : 'not finite')
