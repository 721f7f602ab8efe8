/** Data of the page's script: spans as columns, each name once. */

import { memoryCategory, stepCategory, waitCategory } from '../categories.ts'
import { nest } from '../nest.ts'
import type { Span, Trace } from '../trace.ts'
import { laneOrder } from './lane-order.ts'
import { classOf, spanClasses } from './span-class.ts'

export interface PageData {
  readonly durationMicros: number
  readonly names: readonly string[]
  readonly lanes: readonly { readonly name: string; readonly depth: number }[]
  /** For each span: name, lane, depth, class, shapes (or -1) as places in lists; start, length and own time in tenths of a micro. */
  readonly columns: readonly (readonly number[])[]
  readonly shapes: readonly string[]
  readonly steps: readonly { readonly name: string; readonly start: number; readonly end: number }[]
  /** Time in tenths of a micro and bytes, alternating; empty without memory. */
  readonly memory: readonly number[]
  readonly leftOut: number
}

/** More make the page slow to open: the shortest are left out. */
const usualSpans = 400_000
const maxPoints = 20_000

const tenths = (micros: number): number => Math.round(micros * 10)

export function pageData(trace: Trace, maxSpans: number = usualSpans): PageData {
  const { spans, durationMicros } = trace
  const { depths, selfMicros } = nest(trace)
  const least = shortestKept(trace, maxSpans)
  const names = new Numbered()
  const shapes = new Numbered()
  const lanes = new Map<string, { readonly index: number; depth: number }>()
  const columns: number[][] = Array.from({ length: 8 }, () => [])
  const steps: PageData['steps'][number][] = []
  const withSteps = new Set<string>()
  let leftOut = 0
  spans.forEach((span, index) => {
    if (span.category === memoryCategory) return
    if (span.durationMicros < least) {
      leftOut += 1
      return
    }
    const lane = lanes.get(span.lane) ?? { index: lanes.size, depth: 0 }
    lanes.set(span.lane, lane)
    const depth = depths[index]!
    lane.depth = Math.max(lane.depth, depth + 1)
    const [start, length] = [tenths(span.startMicros), tenths(span.durationMicros)]
    const said = span.args?.shapes ?? describedArgs(span)
    const row = [
      names.of(span.name),
      lane.index,
      depth,
      spanClasses.indexOf(classOf(span)),
      said === undefined ? -1 : shapes.of(String(said)),
      start,
      length,
      tenths(selfMicros[index]!),
    ]
    for (const [column, value] of row.entries()) columns[column]!.push(value)
    if (span.category !== stepCategory || depth > 0) return
    withSteps.add(span.lane)
    steps.push({ name: span.name, start, end: start + length })
  })
  const found = [...lanes].map(([name, { depth }]) => ({ name, depth }))
  const order = laneOrder(
    found.map(({ name }) => name),
    (name) => withSteps.has(name),
  )
  const places = new Map(order.map((index, place) => [index, place]))
  columns[1] = columns[1]!.map((index) => places.get(index)!)
  return {
    durationMicros,
    names: names.all,
    lanes: order.map((index) => found[index]!),
    columns,
    shapes: shapes.all,
    steps,
    memory: memoryPoints(trace),
    leftOut,
  }
}

/** Spans with a server's steps and requests. */
const described: ReadonlySet<string> = new Set([stepCategory, waitCategory, 'request', 'chunk'])

function describedArgs({ category, args = {} }: Span): string | undefined {
  if (!described.has(category)) return undefined
  const said = Object.entries(args).map(([name, value]) => `${name} ${value}`)
  return said.length === 0 ? undefined : said.join(', ')
}

class Numbered {
  readonly all: string[] = []
  readonly #known = new Map<string, number>()

  of(text: string): number {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#known.set(text, this.all.length)
    this.all.push(text)
    return this.all.length - 1
  }
}

/** All spans of equal length are kept. */
function shortestKept({ spans }: Trace, maxSpans: number): number {
  if (spans.length <= maxSpans) return 0
  const lengths = Float64Array.from(spans, ({ durationMicros }) => durationMicros).sort()
  return lengths[spans.length - maxSpans]!
}

/** Memory held, from 0 at the start; the maximum of neighbouring points if there are many. */
function memoryPoints({ spans }: Trace): number[] {
  const points: [time: number, bytes: number][] = []
  let held = 0
  for (const { category, args, startMicros } of spans) {
    if (category !== memoryCategory || typeof args?.bytes !== 'number') continue
    held += args.bytes
    points.push([tenths(startMicros), held])
  }
  const stride = Math.max(1, Math.ceil(points.length / maxPoints))
  const kept: number[] = []
  for (let at = 0; at < points.length; at += stride)
    kept.push(...points.slice(at, at + stride).reduce((one, other) => (other[1] > one[1] ? other : one)))
  return kept
}
