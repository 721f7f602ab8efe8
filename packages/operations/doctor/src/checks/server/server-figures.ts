/**
 * Two samples of a running server's `/metrics`, a few seconds apart: current values, and counts between the samples if there are
 * enough to judge, otherwise since the server started.
 */

import type { MetricSample } from '@hadal/protocol'
import type { Capture, RawReading } from '../../capture/capture.ts'
import type { Verdict } from '../check.ts'
import { type FigureName, makerOf, names } from './metric-names.ts'
import { type Histogram, type Labels, Scrape, since } from './scrape.ts'

/** So few say nothing of the last seconds. */
const enough = 20
/** Maximum models judged from one text; the rest are ignored. */
const maxModels = 100

/** How a figure was come by, for people. */
export type Period = 'between two samples' | 'since it started'

export interface Counted {
  readonly total: number
  /** Since the first sample; undefined if there was only one, or the server restarted. */
  readonly recent: number | undefined
}

export class ServerFigures {
  readonly maker: string | undefined
  /** As `model_name` has them; one that is called '' where the server names none. */
  readonly models: readonly string[]
  /** Number of models beyond the limit, which are not checked. */
  readonly modelsLeft: number
  readonly size: number
  /** Another process answered the second look: nothing lies between them. */
  readonly isAnother: boolean
  readonly #now: Scrape
  readonly #before: Scrape | undefined

  constructor(now: Scrape, before: Scrape | undefined) {
    this.#now = now
    this.isAnother = before !== undefined && beganAt(before) !== beganAt(now)
    this.#before = this.isAnother ? undefined : before
    this.size = now.size
    const named = [...now.valuesOf('model_name')]
    const known = Object.values(names).flat()
    const isThere = known.some((name) => now.of(name).length > 0)
    // Hadal also exports llama-server's metrics, which name no model.
    this.models = named.length === 0 && isThere ? [''] : named.slice(0, maxModels)
    this.modelsLeft = Math.max(0, named.length - maxModels)
    this.maker = makerOf((prefix) => now.hasPrefix(prefix))
  }

  gauge(figure: FigureName, model: string): number | undefined {
    return this.#first(figure, (name) => this.#now.sum(name, ofModel(model)))
  }

  /** The fullest of several engines that one model has. */
  share(figure: FigureName, model: string): number | undefined {
    return this.#first(figure, (name) => this.#now.most(name, ofModel(model)))
  }

  gaugeBefore(figure: FigureName, model: string): number | undefined {
    return this.#first(figure, (name) => this.#before?.sum(name, ofModel(model)))
  }

  /** Value of a Hadal metric, by its own name. */
  value(name: string, labels?: Labels): number | undefined {
    return this.#now.sum(name, labels)
  }

  samples(name: string): readonly MetricSample[] {
    return this.#now.of(name)
  }

  by(name: string, label: string, labels?: Labels): ReadonlyMap<string, number> {
    return this.#now.by(name, label, labels)
  }

  counted(name: string, labels?: Labels): Counted | undefined {
    const total = this.#now.sum(name, labels)
    if (total === undefined) return undefined
    if (this.#before === undefined) return { total, recent: undefined }
    // A counter that was not there had counted nothing.
    const before = this.#before.sum(name, labels) ?? 0
    return { total, recent: total < before ? undefined : total - before }
  }

  countedOf(figure: FigureName, model: string): Counted | undefined {
    return this.#first(figure, (name) => this.counted(name, ofModel(model)))
  }

  histogram(figure: FigureName, model: string): (Histogram & { readonly period: Period }) | undefined {
    return this.#first(figure, (name) => this.histogramOf(name, ofModel(model)))
  }

  histogramOf(name: string, labels?: Labels): (Histogram & { readonly period: Period }) | undefined {
    const now = this.#now.histogram(name, labels)
    if (now === undefined) return undefined
    const before = this.#before?.histogram(name, labels)
    const recent = before && since(now, before)
    return recent !== undefined && recent.count >= enough
      ? { ...recent, period: 'between two samples' }
      : { ...now, period: 'since it started' }
  }

  #first<T>(figure: FigureName, read: (name: string) => T | undefined): T | undefined {
    for (const name of names[figure]) {
      const found = read(name)
      if (found !== undefined) return found
    }
    return undefined
  }
}

const beganAt = (scrape: Scrape): number | undefined => scrape.sum('process_start_time_seconds')

/** One that is not named is all there is. */
const ofModel = (model: string): Labels => (model === '' ? {} : { model_name: model })

type Found = { readonly figures: ServerFigures; readonly isCut: boolean } | { readonly verdict: Verdict }

/** Every check asks for them, and a server may have thousands of series. */
const read = new WeakMap<Capture, Found>()

/** The metrics, or the verdict if there are none. */
export function serverFigures(capture: Capture): Found {
  const found = read.get(capture) ?? figuresIn(capture)
  read.set(capture, found)
  return found
}

function figuresIn(capture: Capture): Found {
  const reading = capture.readings['server-metrics']
  if (reading === undefined)
    return { verdict: { severity: 'skipped', says: 'no running server was given (--url)' } }
  const first = scrapeOf(reading)
  if (first === undefined)
    return {
      verdict: {
        severity: 'unknown',
        says: 'its metrics could not be read',
        fix: { text: 'See the finding about its metrics first.' },
      },
    }
  const later = scrapeOf(capture.readings['server-metrics-later'])
  if (later === undefined || later.isCut)
    return { figures: new ServerFigures(first.scrape, undefined), isCut: first.isCut }
  // A series missing from a truncated sample did not start since then.
  return {
    figures: new ServerFigures(later.scrape, first.isCut ? undefined : first.scrape),
    isCut: first.isCut,
  }
}

/** The format ends every line, the last one, too: one that is not ended may have lost digits. */
function scrapeOf(
  reading: RawReading | undefined,
): { readonly scrape: Scrape; readonly isCut: boolean } | undefined {
  if (reading === undefined || 'failed' in reading) return undefined
  const end = reading.text.lastIndexOf('\n') + 1
  const scrape = new Scrape(reading.text.slice(0, end))
  if (scrape.size === 0) return undefined
  return { scrape, isCut: reading.isCut === true || end < reading.text.length }
}

/** A verdict for each model with data; a single one with the reason when there is none. */
export function ofEachModel(
  capture: Capture,
  what: string,
  judge: (figures: ServerFigures, model: string) => Verdict | readonly Verdict[] | undefined,
): Verdict | readonly Verdict[] {
  const found = serverFigures(capture)
  if ('verdict' in found) return found.verdict
  const { figures } = found
  const verdicts = figures.models.flatMap((model) => judge(figures, model) ?? [])
  return verdicts.length > 0 ? verdicts : { severity: 'skipped', says: `this server does not report ${what}` }
}

/** `chat: `, or nothing where a server does not name its model. */
export const about = (model: string): string => (model === '' ? '' : `${model}: `)
