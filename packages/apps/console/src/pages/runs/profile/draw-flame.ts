/** Draws a trace on a canvas in the page's own colours. Decides nothing. */

import type { RunTrace } from '@hadal/protocol'
import { type Layout, spanCount, type View } from './flame-layout.ts'

/** CSS pixels. */
export const rowHeight = 18
const gap = 1
const padding = 4
/** Shorter ones have no room for words. */
const minForText = 28

/** Which token each kind of work is drawn with. */
export const kindColours: Readonly<Record<string, string>> = {
  step: '--line-strong',
  phase: '--accent',
  module: '--series-3',
  product: '--series-1',
  attention: '--series-4',
  copy: '--series-2',
  autograd: '--series-6',
  operator: '--series-5',
  device: '--good',
  wait: '--line',
  request: '--accent',
  other: '--text-faint',
}

export interface FlamePicture {
  readonly trace: RunTrace
  readonly layout: Layout
  readonly view: View
  readonly width: number
  readonly selected: number | undefined
  readonly matches: ReadonlySet<number>
}

export function drawFlame(canvas: HTMLCanvasElement, picture: FlamePicture): void {
  const { trace, layout, view, width, selected, matches } = picture
  const height = layout.rows * rowHeight
  const ratio = devicePixelRatio
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  const style = getComputedStyle(canvas)
  const colourOf = (token: string): string => style.getPropertyValue(token).trim()
  const colours = trace.classes.map((kind) => colourOf(kindColours[kind] ?? '--text-faint'))
  const [text, soft, accent] = [colourOf('--text'), colourOf('--text-soft'), colourOf('--accent-strong')]
  context.scale(ratio, ratio)
  context.clearRect(0, 0, width, height)
  context.textBaseline = 'middle'
  context.font = `12px ${style.fontFamily}`
  context.fillStyle = soft
  for (const [at, { name }] of trace.lanes.entries())
    context.fillText(name, padding, (layout.tops[at]! + 0.5) * rowHeight)
  const scale = width / (view.to - view.from)
  const [names, lanes, depths, kinds, starts, lengths] = trace.spans
  /** How far each row is drawn: many spans fall on one pixel. */
  const drawn = new Float64Array(layout.rows).fill(-1)
  for (let at = 0; at < spanCount(trace); at += 1) {
    const from = (starts![at]! - view.from) * scale
    const to = from + lengths![at]! * scale
    if (to < 0 || from > width) continue
    const row = layout.tops[lanes![at]!]! + 1 + depths![at]!
    const isMatch = matches.has(at)
    if (to < drawn[row]! + 0.5 && at !== selected && !isMatch) continue
    drawn[row] = to
    const x = Math.max(0, from)
    const wide = Math.max(0.75, Math.min(width, to) - x)
    const y = row * rowHeight
    context.globalAlpha = matches.size === 0 || isMatch ? 0.42 : 0.12
    context.fillStyle = colours[kinds![at]!]!
    context.fillRect(x, y, Math.max(0.75, wide - gap / 2), rowHeight - gap)
    context.globalAlpha = 1
    if (at === selected || isMatch) {
      context.strokeStyle = accent
      context.lineWidth = at === selected ? 2 : 1
      context.strokeRect(x + 1, y + 1, Math.max(1, wide - 2), rowHeight - 3)
    }
    if (wide < minForText) continue
    context.fillStyle = matches.size === 0 || isMatch ? text : soft
    context.save()
    context.beginPath()
    context.rect(x, y, wide - padding, rowHeight)
    context.clip()
    context.fillText(trace.names[names![at]!]!, x + padding, y + rowHeight / 2)
    context.restore()
  }
}
