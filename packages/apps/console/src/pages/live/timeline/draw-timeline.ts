/**
 * Draws steps on a canvas: token counts at the top, below them a lane per sequence. Colours are redundant with shapes: prefill fills the
 * lane and is hatched, new tokens have half height, draft tokens have a cap.
 */

import { endOf, type Place, placeOf, type View, visibleSteps } from './geometry.ts'
import type { LoggedMember, LoggedStep } from './step-log.ts'

export const stripHeight = 64
export const laneHeight = 16
const laneGap = 4
const pad = 6

export interface Scene {
  readonly steps: readonly LoggedStep[]
  readonly view: View
  readonly selected: number | undefined
  readonly width: number
  readonly height: number
}

export interface Palette {
  readonly decode: string
  readonly prefill: string
  readonly shared: string
  readonly draft: string
  readonly aside: string
  readonly line: string
  readonly text: string
  readonly accent: string
  readonly ground: string
  readonly font: string
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const of = (name: string): string => style.getPropertyValue(name).trim()
  return {
    decode: of('--series-1'),
    prefill: of('--series-2'),
    shared: of('--series-3'),
    draft: of('--series-4'),
    aside: of('--bad'),
    line: of('--line'),
    text: of('--text-faint'),
    accent: of('--accent-soft'),
    ground: of('--surface'),
    font: `11px ${of('--font-text')}`,
  }
}

/** What the lanes need below the strip. */
export const heightFor = (lanes: number): number =>
  stripHeight + pad * 2 + Math.max(4, lanes) * (laneHeight + laneGap)

const laneTop = (lane: number): number => stripHeight + pad * 2 + lane * (laneHeight + laneGap)
const laneMiddle = (lane: number): number => laneTop(lane) + laneHeight / 2

export function drawTimeline(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { steps, view, selected, width, height } = scene
  const end = endOf(view, steps)
  const visible = visibleSteps(steps, view, end, width)
  const placed = visible.map((step) => ({ step, place: placeOf(step, view, end, width) }))
  context.clearRect(0, 0, width, height)
  const chosen = placed.find(({ step }) => step.index === selected)
  if (chosen !== undefined) {
    context.fillStyle = palette.accent
    context.fillRect(chosen.place.x - 2, 0, Math.max(5, chosen.place.width + 4), height)
  }
  const most = Math.max(1, ...visible.map(({ decodeTokens, prefillTokens }) => decodeTokens + prefillTokens))
  context.fillStyle = palette.line
  context.fillRect(0, stripHeight, width, 1)
  const hatch = hatchOf(context, palette)
  for (const { step, place } of placed) drawStrip(context, step, place, most, palette, hatch)
  for (const { step, place } of placed) drawLanes(context, step, place, palette, hatch)
  for (const { step, place } of placed) {
    for (const member of step.members) drawLink(context, member, place, palette)
    for (const { lane } of step.preempted) drawAside(context, lane, place, palette)
  }
  context.fillStyle = palette.text
  context.font = palette.font
  context.textBaseline = 'top'
  context.fillText(String(most), 2, 2)
}

function drawStrip(
  context: CanvasRenderingContext2D,
  { decodeTokens, prefillTokens, draftTokens = 0 }: LoggedStep,
  { x, width }: Place,
  most: number,
  palette: Palette,
  hatch: CanvasPattern | string,
): void {
  const full = stripHeight - pad
  let top = stripHeight
  const part = (tokens: number, fill: string | CanvasPattern): void => {
    if (tokens <= 0) return
    const height = Math.max(2, (full * tokens) / most)
    top -= height
    context.fillStyle = fill
    context.fillRect(x, top, width, height)
  }
  part(decodeTokens - draftTokens, palette.decode)
  part(draftTokens, palette.draft)
  part(prefillTokens, hatch)
}

function drawLanes(
  context: CanvasRenderingContext2D,
  { members }: LoggedStep,
  { x, width }: Place,
  palette: Palette,
  hatch: CanvasPattern | string,
): void {
  for (const { lane, prefill, drafts } of members) {
    const top = laneTop(lane)
    if (prefill !== undefined) {
      context.fillStyle = hatch
      context.fillRect(x, top, width, laneHeight)
      const label = String(prefill)
      if (width > label.length * 7 + 6) {
        context.font = palette.font
        context.fillStyle = palette.ground
        const half = label.length * 3.5 + 2
        context.fillRect(x + width / 2 - half, top + 2, half * 2, laneHeight - 4)
        context.fillStyle = palette.prefill
        context.textBaseline = 'middle'
        context.textAlign = 'center'
        context.fillText(label, x + width / 2, top + laneHeight / 2)
        context.textAlign = 'start'
      }
      continue
    }
    context.fillStyle = palette.decode
    context.fillRect(x, top + laneHeight / 4, width, laneHeight / 2)
    if (drafts === undefined) continue
    context.fillStyle = palette.draft
    context.fillRect(x, top, width, 3)
  }
}

/** Links from the lane that shares its prefix, once, at its start. */
function drawLink(
  context: CanvasRenderingContext2D,
  { isFirst, lane, sharedLane }: LoggedMember,
  { x }: Place,
  palette: Palette,
): void {
  if (!isFirst || sharedLane === undefined || sharedLane === lane) return
  const [from, to] = [laneMiddle(sharedLane), laneMiddle(lane)]
  context.strokeStyle = palette.shared
  context.fillStyle = palette.shared
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(x, from)
  context.bezierCurveTo(x - 14, from, x - 14, to, x, to)
  context.stroke()
  for (const y of [from, to]) {
    context.beginPath()
    context.arc(x, y, 2.5, 0, Math.PI * 2)
    context.fill()
  }
}

function drawAside(context: CanvasRenderingContext2D, lane: number, { x }: Place, palette: Palette): void {
  const top = laneTop(lane)
  context.fillStyle = palette.aside
  context.beginPath()
  context.moveTo(x - 5, top)
  context.lineTo(x + 5, top)
  context.lineTo(x, top + laneHeight)
  context.closePath()
  context.fill()
}

/** Diagonal lines on the colour of prompts; the colour alone where the canvas makes no patterns. */
function hatchOf(context: CanvasRenderingContext2D, { prefill, ground }: Palette): CanvasPattern | string {
  const size = 6
  const tile = document.createElement('canvas')
  tile.width = size
  tile.height = size
  const ink = tile.getContext('2d')
  if (ink === null) return prefill
  ink.fillStyle = prefill
  ink.fillRect(0, 0, size, size)
  ink.strokeStyle = ground
  ink.globalAlpha = 0.55
  ink.lineWidth = 1.2
  ink.beginPath()
  for (const shift of [-size, 0, size]) {
    ink.moveTo(shift, size)
    ink.lineTo(shift + size, 0)
  }
  ink.stroke()
  return context.createPattern(tile, 'repeat') ?? prefill
}
