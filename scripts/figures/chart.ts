/** SVG of our own: no script, no font, colours that read on a light page and on a dark one. Numbers are rounded, so that figures do not change by themselves. */

export const colors = {
  ink: '#767b84',
  grid: '#8a8f982e',
  blue: '#3787ad',
  orange: '#c8702a',
  green: '#46935a',
  purple: '#8a6cc4',
  pale: '#8a8f9866',
} as const

export type Color = keyof typeof colors

export interface Line {
  readonly name: string
  readonly color: Color
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dashed?: boolean
}

export interface Axis {
  readonly title: string
  readonly ticks: readonly number[]
  /** Equal factors are equally far apart. */
  readonly logarithmic?: boolean
  readonly format?: (value: number) => string
}

export interface LineChart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  readonly height?: number
  /** Where the names of lines begin, from the left. */
  readonly legendAt?: number
}

const width = 720
const margin = { left: 62, right: 24, top: 46, bottom: 48 }

/** Lines over two axes, which end with their first and last tick. */
export function lineChart({
  title,
  x,
  y,
  lines,
  height = 320,
  legendAt = margin.left + 16,
}: LineChart): string {
  const across = scaleOf(x, margin.left, width - margin.right)
  const up = scaleOf(y, height - margin.bottom, margin.top)
  const bottom = height - margin.bottom
  const grid = y.ticks.map((tick) =>
    path([`M${margin.left},${n(up(tick))}`, `H${width - margin.right}`], 'grid', 1),
  )
  const marks = [
    ...y.ticks.map((tick) =>
      text(margin.left - 8, up(tick) + 4, (y.format ?? String)(tick), { anchor: 'end' }),
    ),
    ...x.ticks.map((tick) =>
      text(across(tick), bottom + 18, (x.format ?? String)(tick), { anchor: 'middle' }),
    ),
    text((margin.left + width - margin.right) / 2, height - 8, x.title, { anchor: 'middle' }),
    text(margin.left, margin.top - 12, y.title),
  ]
  const curves = lines.map(({ points, color, dashed }) =>
    path(
      points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${n(across(px))},${n(up(py))}`),
      color,
      2,
      dashed,
    ),
  )
  return svg(height, title, [...grid, ...marks, ...curves, legend(lines, legendAt, margin.top + 8)])
}

function scaleOf({ ticks, logarithmic = false }: Axis, from: number, to: number): (value: number) => number {
  const place = (value: number): number => (logarithmic ? Math.log(value) : value)
  const [low, high] = [place(ticks[0]!), place(ticks.at(-1)!)]
  return (value) => from + ((place(value) - low) / (high - low)) * (to - from)
}

/** What stands for what, one below the other. */
export function legend(
  entries: readonly { readonly name: string; readonly color: Color; readonly dashed?: boolean }[],
  x: number,
  y: number,
): string {
  return entries
    .map(({ name, color, dashed }, at) => {
      const line = y + at * 18
      return path([`M${n(x)},${n(line)}`, `h22`], color, 3, dashed) + text(x + 30, line + 4, name)
    })
    .join('\n')
}

export function svg(height: number, title: string, parts: readonly string[]): string {
  const font = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${font}" font-size="12" fill="${colors.ink}">
<title>${escaped(title)}</title>
${text(0, 15, title, { weight: 600, size: 14 })}
${parts.join('\n')}
</svg>
`
}

export function path(
  commands: readonly string[],
  color: Color,
  strokeWidth: number,
  dashed: boolean = false,
): string {
  const dash = dashed ? ' stroke-dasharray="5 4"' : ''
  return `<path d="${commands.join('')}" fill="none" stroke="${colors[color]}" stroke-width="${strokeWidth}"${dash}/>`
}

export function rectangle(x: number, y: number, wide: number, high: number, color: Color): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(wide)}" height="${n(high)}" rx="2" fill="${colors[color]}"/>`
}

export function text(
  x: number,
  y: number,
  words: string,
  options: {
    readonly anchor?: 'middle' | 'end'
    readonly size?: number
    readonly weight?: number
    readonly fill?: string
  } = {},
): string {
  const { anchor, size, weight, fill } = options
  const attributes = [
    anchor && ` text-anchor="${anchor}"`,
    size && ` font-size="${size}"`,
    weight && ` font-weight="${weight}"`,
    fill && ` fill="${fill}"`,
  ]
  return `<text x="${n(x)}" y="${n(y)}"${attributes.filter(Boolean).join('')}>${escaped(words)}</text>`
}

/** A coordinate: tenths of a pixel. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10 + 0)
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
