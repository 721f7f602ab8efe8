/** Server state for the live view, built once per second and shared by all readers. Idle without readers. */

import { cpus, freemem, loadavg, totalmem } from 'node:os'
import type { Clock } from '@hadal/base'
import type { LiveMachine, LiveState } from '@hadal/protocol'
import type { ModelDirectory } from '../model-directory.ts'
import type { LiveApi } from './api.ts'
import { hostedState, type ModelStateContext, upstreamState } from './model-state.ts'
import { OwnProcess } from './own-process.ts'
import { ProcessorShares } from './processor-shares.ts'

export interface LivePulseOptions extends ModelStateContext {
  readonly clock: Clock
  readonly models: ModelDirectory
  readonly api: LiveApi | undefined
}

const everyMillis = 1000
/** More frequent reads get the cached state. */
const freshMillis = 250

export class LivePulse {
  readonly #options: LivePulseOptions
  readonly #readers = new Set<(json: string) => void>()
  readonly #own = new OwnProcess()
  readonly #shares = new ProcessorShares()
  #last: { readonly at: number; readonly state: Promise<LiveState> } | undefined
  #beating: { readonly over: AbortController; readonly watch: Disposable } | undefined

  constructor(options: LivePulseOptions) {
    this.#options = options
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Reads the state once. */
  state(): Promise<LiveState> {
    const now = this.#options.clock.now()
    if (this.#last === undefined || now - this.#last.at >= freshMillis)
      this.#last = { at: now, state: this.#look() }
    return this.#last.state
  }

  /** Emits immediately and then every second. */
  read(reader: (json: string) => void): Disposable {
    this.#readers.add(reader)
    if (this.#beating === undefined) {
      this.#beating = { over: new AbortController(), watch: this.#own.watch() }
      void this.#beat(this.#beating.over.signal)
    } else
      void this.#json().then((json) => {
        if (json !== undefined && this.#readers.has(reader)) reader(json)
      })
    return {
      [Symbol.dispose]: () => {
        this.#readers.delete(reader)
        if (this.#readers.size > 0) return
        this.#beating?.over.abort('nobody reads')
        this.#beating?.watch[Symbol.dispose]()
        this.#beating = undefined
      },
    }
  }

  /** Undefined if an engine failed during the read; the next second retries. */
  async #json(): Promise<string | undefined> {
    try {
      return JSON.stringify(await this.state())
    } catch {
      return undefined
    }
  }

  async #beat(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const json = await this.#json()
      if (json !== undefined) for (const read of [...this.#readers]) read(json)
      await this.#options.clock.sleep(everyMillis, over).catch(() => {})
    }
  }

  async #look(): Promise<LiveState> {
    const { clock, models, api } = this.#options
    const [hosted, machine] = await Promise.all([
      Promise.all(models.hosted.map((model) => hostedState(model, this.#options))),
      this.#machine(),
    ])
    const slo = api?.slo()
    return {
      at: clock.wallClock(),
      models: [...hosted, ...models.upstreams.map(upstreamState)],
      ...(slo !== undefined && { slo }),
      machine,
    }
  }

  async #machine(): Promise<LiveMachine> {
    const { clock, models, api } = this.#options
    const of = models.loaded.flatMap((engine) =>
      (engine.snapshot().processes ?? []).map((each) => ({ ...each, model: engine.model.id })),
    )
    const { processes = [], gpus = [] } = (await api?.readings(of.map(({ pid }) => pid))) ?? {}
    const { cpuMillis, figures } = this.#own.read()
    const cores = this.#shares.seen([{ pid: figures.pid, cpuMillis }, ...processes], clock.now())
    const withCores = <Of extends { readonly pid: number }>(one: Of): Of & { readonly cores?: number } => {
      const share = cores.get(one.pid)
      return { ...one, ...(share !== undefined && { cores: share }) }
    }
    return {
      server: withCores(figures),
      engines: of.map((each) => {
        const reading = processes.find(({ pid }) => pid === each.pid)
        return withCores({ ...each, ...(reading && { residentBytes: reading.residentBytes }) })
      }),
      host: {
        cores: cpus().length,
        load1: loadavg()[0]!,
        memoryBytes: totalmem(),
        freeBytes: freemem(),
      },
      gpus,
    }
  }
}
