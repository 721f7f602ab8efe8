/**
 * Engine steps, batched briefly and sent to all readers. Engines report batch members only while there are readers, so it is free
 * otherwise.
 */

import type { Clock } from '@hadal/base'
import type { Engine, StepReport } from '@hadal/engine'
import type { LiveSequence, LiveStep, StepsEvent } from '@hadal/protocol'
import type { RequestNames } from './request-names.ts'
import { StepClock } from './step-clock.ts'

export interface StepFeedOptions {
  readonly clock: Clock
  /** The engines that are ready. */
  readonly engines: () => readonly Engine[]
  readonly names: RequestNames
}

/** Pages do not redraw more often, and each event has a cost for readers. */
const everyMillis = 100
/** Maximum steps per event. */
const maxSteps = 512

export class StepFeed {
  readonly #options: StepFeedOptions
  readonly #readers = new Set<(json: string) => void>()
  readonly #watched = new Map<Engine, readonly Disposable[]>()
  #steps: LiveStep[] = []
  #leftOut = 0
  /** Sequences referenced by the batched steps, by index. */
  #sequences: LiveSequence[] = []
  readonly #places = new Map<string, number>()
  #over: AbortController | undefined

  constructor(options: StepFeedOptions) {
    this.#options = options
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Adds an engine until the returned handle is disposed, which happens on unload. */
  ready(engine: Engine): Disposable {
    if (this.#over !== undefined) this.#watch(engine)
    return {
      [Symbol.dispose]: () => {
        for (const each of this.#watched.get(engine) ?? []) each[Symbol.dispose]()
        this.#watched.delete(engine)
      },
    }
  }

  /** Called for every interval with steps. */
  read(reader: (json: string) => void): Disposable {
    this.#readers.add(reader)
    if (this.#over === undefined) this.#begin()
    return {
      [Symbol.dispose]: () => {
        this.#readers.delete(reader)
        if (this.#readers.size === 0) this.#end()
      },
    }
  }

  #begin(): void {
    this.#over = new AbortController()
    for (const engine of this.#options.engines()) this.#watch(engine)
    void this.#flush(this.#over.signal)
  }

  #end(): void {
    this.#over?.abort('nobody reads')
    this.#over = undefined
    for (const watches of this.#watched.values()) for (const each of watches) each[Symbol.dispose]()
    this.#watched.clear()
    this.#takeEvent()
  }

  #watch(engine: Engine): void {
    if (this.#watched.has(engine)) return
    const clock = new StepClock()
    const telling = engine.reportMembers?.()
    const reports = engine.onStep((report) => this.#add(engine, report, clock))
    this.#watched.set(engine, telling === undefined ? [reports] : [telling, reports])
  }

  #add(engine: Engine, report: StepReport, stepClock: StepClock): void {
    const { clock } = this.#options
    const end = stepClock.endOf(report, clock.now())
    if (this.#steps.length >= maxSteps) {
      this.#leftOut += 1
      return
    }
    this.#steps.push(this.#stepOf(engine, report, end + clock.wallClock() - clock.now()))
  }

  #stepOf(engine: Engine, report: StepReport, at: number): LiveStep {
    const { outside, drafts, nativeMillis, members, preempted, isPass, replica } = report
    const { waiting, kvCacheUsage } = engine.snapshot()
    const { maxBatchTokens } = engine.limits ?? {}
    return {
      model: engine.model.id,
      ...(replica !== undefined && { replica }),
      step: report.step,
      at: tenths(at),
      millis: hundredths(report.millis),
      ...(nativeMillis !== undefined && { nativeMillis: hundredths(nativeMillis) }),
      ...(outside !== undefined && {
        planMillis: hundredths(outside.plan),
        sampleMillis: hundredths(outside.sample),
        textMillis: hundredths(outside.texts),
      }),
      decodeTokens: report.decodeTokens,
      prefillTokens: report.prefillTokens,
      ...(drafts !== undefined && { draftTokens: drafts.tokens, acceptedDrafts: drafts.accepted }),
      running: report.running,
      waiting,
      ...(maxBatchTokens !== undefined && isPass !== true && { budget: maxBatchTokens }),
      kvCacheUsage: hundredths(kvCacheUsage),
      ...(isPass === true && { isPass }),
      ...(members !== undefined && {
        members: members.map(({ id, sharedWith, ...member }) => ({
          sequence: this.#placeOf(id),
          ...member,
          ...(sharedWith !== undefined && { sharedWith: this.#placeOf(sharedWith) }),
        })),
      }),
      ...(preempted !== undefined && this.#preempted(preempted)),
    }
  }

  #preempted(ids: readonly string[]): Pick<LiveStep, 'preempted' | 'putAside'> {
    const preempted = ids.map((id) => this.#placeOf(id))
    return { preempted, putAside: preempted }
  }

  #placeOf(id: string): number {
    const known = this.#places.get(id)
    if (known !== undefined) return known
    const place = this.#sequences.length
    this.#places.set(id, place)
    // Resolved now, because the request may end before the batch is sent.
    const request = this.#options.names.of(id)
    this.#sequences.push({ id, ...(request !== undefined && { request }) })
    return place
  }

  #takeEvent(): StepsEvent {
    const event = { steps: this.#steps, sequences: this.#sequences, leftOut: this.#leftOut }
    this.#steps = []
    this.#sequences = []
    this.#places.clear()
    this.#leftOut = 0
    return event
  }

  async #flush(over: AbortSignal): Promise<void> {
    for (;;) {
      await this.#options.clock.sleep(everyMillis, over).catch(() => {})
      if (over.aborted) return
      if (this.#steps.length === 0) continue
      const json = JSON.stringify(this.#takeEvent())
      for (const read of [...this.#readers]) read(json)
    }
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10
const hundredths = (value: number): number => Math.round(value * 100) / 100
