/** A line chart as SVG: categories along the bottom, values from zero. Colours come from the page's style sheet. */

export interface LineChart {
  readonly categories: readonly string[]
  readonly unit: string
  /** Maximum four. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
}

const [width, height] = [480, 240]
const tagHeight = 14
const margin = { left: 52, right: 44, top: 14, bottom: 28 }

export function lineChart({ categories, unit, series }: LineChart): string {
  const top = niceCeiling(Math.max(...series.flatMap((each) => each.values), 0))
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }
  const x = (index: number): number =>
    margin.left +
    (categories.length === 1 ? inner.width / 2 : (index / (categories.length - 1)) * inner.width)
  const y = (value: number): number => margin.top + inner.height * (1 - value / top)
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = fixed(y(part * top))
    return `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}"/><text x="${margin.left - 8}" y="${at}" dy=".32em" text-anchor="end">${label(part * top)}</text>`
  })
  const names = categories.map(
    (name, index) =>
      `<text x="${fixed(x(index))}" y="${height - 8}" text-anchor="middle">${escapeXml(name)}</text>`,
  )
  const tagHeights = apart(series.map(({ values }) => y(values.at(-1) ?? 0)))
  const lines = series.map(({ name, values }, number) => {
    const points = values.map((value, index) => [fixed(x(index)), fixed(y(value))] as const)
    const dots = points.map(
      ([px, py], index) =>
        `<circle class="s${number}" cx="${px}" cy="${py}" r="3.5"><title>${escapeXml(`${categories[index]}: ${label(values[index]!)} ${unit} (${name})`)}</title></circle>`,
    )
    const tag =
      series.length > 1
        ? `<text class="s${number}" x="${width - margin.right + 8}" y="${fixed(tagHeights[number]!)}" dy=".32em">${escapeXml(name)}</text>`
        : ''
    return `<polyline class="s${number}" points="${points.map((point) => point.join(',')).join(' ')}"/>${dots.join('')}${tag}`
  })
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(unit)}">${grid.join('')}${names.join('')}${lines.join('')}</svg>`
}

/** Moves overlapping labels apart. */
function apart(heights: readonly number[]): readonly number[] {
  const moved = heights.map((height, index) => ({ height, index })).sort((a, b) => a.height - b.height)
  // Each pass moves neighbours by half of the overlap; a few passes suffice for four labels.
  for (let pass = 0; pass < 8; pass += 1)
    for (let at = 1; at < moved.length; at += 1) {
      const lack = tagHeight - (moved[at]!.height - moved[at - 1]!.height)
      if (lack <= 0) continue
      moved[at - 1]!.height -= lack / 2
      moved[at]!.height += lack / 2
    }
  return moved.sort((a, b) => a.index - b.index).map(({ height }) => height)
}

/** The smallest round number not below the value. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power
}

function label(value: number): string {
  if (value >= 1000) return `${Number((value / 1000).toFixed(2))}k`
  return String(Number(value.toPrecision(3)))
}

const fixed = (value: number): number => Math.round(value * 10) / 10

/** For text in SVG and HTML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
