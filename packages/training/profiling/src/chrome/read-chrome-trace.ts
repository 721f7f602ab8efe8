/**
 * Reads the Chrome trace format (Google, "Trace Event Format", 2016), as written by Hadal, PyTorch and Chrome. Events without a
 * duration (flows, counters) are skipped and reported.
 */

import { gunzipSync } from 'node:zlib'
import { isPlainObject, messageOf } from '@hadal/base'
import { profileTraceTooLarge, profileTraceUnreadable, tooManyBytes } from '../errors.ts'
import { byStart, type Span, type Trace } from '../trace.ts'
import { laneNames } from './lane-names.ts'
import { isOfProfiler, translate, translateArgs, unused } from './pytorch-names.ts'
import { placeOf, plain, type RawEvent, wordOf } from './raw-event.ts'

export interface TraceLimits {
  /** Maximum size of the uncompressed JSON. Default: 480 MiB, the limit of one string. */
  readonly maxBytes?: number
  /** Default: 3 million. */
  readonly maxSpans?: number
}

/**
 * JSON as bytes, optionally gzipped, or as text: an object with `traceEvents`, or only their list. Throws
 * `profile_trace_unreadable` and `profile_trace_too_large`.
 */
export function readChromeTrace(data: Uint8Array | string, limits: TraceLimits = {}): Trace {
  const { maxBytes = 480 * 1024 ** 2, maxSpans = 3_000_000 } = limits
  const file = parse(data, maxBytes)
  const events = Array.isArray(file) ? (file as unknown[]) : (file as { traceEvents?: unknown }).traceEvents
  if (!Array.isArray(events)) throw profileTraceUnreadable('it has no list of traceEvents')
  const lanes = laneNames(events as unknown[])
  const read = new Spans(lanes)
  for (const event of events as unknown[]) {
    if (typeof event === 'object' && event !== null) read.add(event as RawEvent)
    if (read.spans.length > maxSpans)
      throw profileTraceTooLarge(`more spans`, `at most ${maxSpans.toLocaleString('en')}`)
  }
  return shifted(read.spans, ownFacts(file), read.notes())
}

function parse(data: Uint8Array | string, maxBytes: number): object {
  let text: string
  if (typeof data === 'string') text = data
  else if (data[0] === 0x1f && data[1] === 0x8b) text = unzip(data, maxBytes)
  else {
    if (data.length > maxBytes) throw tooManyBytes(maxBytes)
    text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8')
  }
  if (text.length > maxBytes) throw tooManyBytes(maxBytes)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    throw profileTraceUnreadable(messageOf(thrown))
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw profileTraceUnreadable('it must be an object or a list')
  return parsed
}

function unzip(data: Uint8Array, maxBytes: number): string {
  try {
    return gunzipSync(data, { maxOutputLength: maxBytes }).toString('utf8')
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooManyBytes(maxBytes)
    throw profileTraceUnreadable(messageOf(thrown))
  }
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** Spans of events that come in any order; begins without an end, and ends without a begin, are counted. */
class Spans {
  readonly spans: Span[] = []
  readonly #lanes: ReadonlyMap<string, string>
  readonly #open = new Map<string, RawEvent[]>()
  readonly #skipped = new Map<string, number>()

  constructor(lanes: ReadonlyMap<string, string>) {
    this.#lanes = lanes
  }

  add(event: RawEvent): void {
    const { ph, ts, dur } = event
    if (ph === 'M' || isOfProfiler(event)) return
    if (!isTime(ts)) this.#skip('events without a time')
    else if (ph === 'X') this.#push(event, ts, isTime(dur) && dur > 0 ? dur : 0)
    else if (ph === 'i' || ph === 'I' || ph === 'R') this.#push(event, ts, 0)
    else if (ph === 'B') this.#opened(event).push(event)
    else if (ph === 'E') this.#close(event, ts)
    else if (typeof ph === 'string' && 'bneSTFpstf'.includes(ph)) {
      // Flows of PyTorch say what its numbers say as well.
      if ('bne'.includes(ph)) this.#skip('asynchronous events')
    } else if (ph !== 'C') this.#skip('events of unknown kinds')
  }

  notes(): string[] {
    const open = [...this.#open.values()].reduce((sum, list) => sum + list.length, 0)
    if (open > 0) this.#skipped.set('spans that never end', open)
    return [...this.#skipped].map(([what, count]) => `${count} ${what} were left out`)
  }

  #opened(event: RawEvent): RawEvent[] {
    const key = placeOf(event)
    const list = this.#open.get(key) ?? []
    this.#open.set(key, list)
    return list
  }

  #close(event: RawEvent, end: number): void {
    const begun = this.#opened(event).pop()
    if (!begun) this.#skip('ends without a start')
    else
      this.#push(
        { ...begun, args: { ...asObject(begun.args), ...asObject(event.args) } },
        begun.ts as number,
        Math.max(0, end - (begun.ts as number)),
      )
  }

  #push(event: RawEvent, startMicros: number, durationMicros: number): void {
    const [name, category] = translate(wordOf(event.name ?? ''), wordOf(event.cat ?? 'span'))
    const args = translateArgs(without(asObject(event.args)))
    const lane = this.#lanes.get(placeOf(event)) ?? placeOf(event)
    const has = Object.keys(args).length > 0
    this.spans.push({ name, startMicros, durationMicros, lane, category, ...(has && { args }) })
  }

  #skip(what: string): void {
    this.#skipped.set(what, (this.#skipped.get(what) ?? 0) + 1)
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  isPlainObject(value) ? (value as Record<string, unknown>) : {}

function without(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name of Object.keys(args)) if (!unused.has(name)) found[name] = args[name]
  return found
}

interface OwnFacts {
  readonly startsAtZero: boolean
  readonly durationMicros: number
  readonly notes: readonly string[]
}

/** Metadata `writeChromeTrace` adds to the events. */
function ownFacts(file: object): OwnFacts {
  const { startsAtZero, durationMicros, notes } = asObject((file as { hadal?: unknown }).hadal)
  return {
    startsAtZero: startsAtZero === true,
    durationMicros: isTime(durationMicros) ? durationMicros : 0,
    notes: Array.isArray(notes) ? notes.filter((note) => typeof note === 'string').map(plain) : [],
  }
}

/** From the first of them on, in order. */
function shifted(spans: readonly Span[], own: OwnFacts, skipped: readonly string[]): Trace {
  let first = own.startsAtZero ? 0 : Number.POSITIVE_INFINITY
  if (!own.startsAtZero) for (const span of spans) first = Math.min(first, span.startMicros)
  // Times since a machine was started have lost what lies behind nanoseconds.
  const nanos = (micros: number): number => Math.round(micros * 1000) / 1000
  const moved =
    first === 0
      ? [...spans]
      : spans.map((span) => ({
          ...span,
          startMicros: nanos(span.startMicros - first),
          durationMicros: nanos(span.durationMicros),
        }))
  moved.sort(byStart)
  let durationMicros = own.durationMicros
  for (const span of moved) durationMicros = Math.max(durationMicros, span.startMicros + span.durationMicros)
  const notes = [...own.notes, ...skipped]
  return { spans: moved, durationMicros, ...(notes.length > 0 && { notes }) }
}
