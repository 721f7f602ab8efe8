/** The options of a server that may change while it runs: what each request finds is whole, the old ones or the new. */

import type { RequestDefaults } from '../request-defaults.ts'
import type { HttpSettings } from './http-app.ts'
import { defaultLimits, type ServerLimits } from './limits.ts'
import { liveView } from './live-view.ts'

/** Those of `createServer` that `change` takes, too. */
export interface LiveServerOptions {
  /** Without keys everyone may ask. /health, /ready and /metrics never need one. */
  readonly apiKeys?: readonly string[] | undefined
  /** Of those who may use the routes of administrators; without any, only this machine itself may. */
  readonly adminKeys?: readonly string[] | undefined
  /** Listen where other machines reach it although no key is asked for. */
  readonly allowKeyless?: boolean | undefined
  /** Web pages that may call, by origin; `*` for all. */
  readonly corsOrigins?: readonly string[] | undefined
  /** Names beside its own of a server that listens on this machine only and asks for no key; `*` for all. */
  readonly hostNames?: readonly string[] | undefined
  /** Addresses and networks of proxies whose forwarding headers are believed; also `loopback` and `private`. */
  readonly trustProxy?: readonly string[] | undefined
  /** GET /metrics is for administrators. */
  readonly privateMetrics?: boolean | undefined
  /** All are read at the start; later only `maxBodyBytes` and `maxConnectionsPerAddress`. */
  readonly limits?: Partial<ServerLimits> | undefined
  /** Sampling and length of requests that say nothing. */
  readonly defaults?: RequestDefaults | undefined
  /** Whether GET /slots answers; it does by default. */
  readonly slots?: boolean | undefined
  /** Whether administrators may load and unload LoRA adapters, from any path this process can read. Not by default. */
  readonly adapterChanges?: boolean | undefined
  /** Fields of a request that are not known are refused; by default they are ignored, and named in a header. */
  readonly strictParameters?: boolean | undefined
}

export interface SettledOptions extends HttpSettings {
  readonly apiKeys: readonly string[]
  readonly adminKeys: readonly string[]
  readonly allowKeyless: boolean
  readonly defaults: RequestDefaults
  readonly slots: boolean
  readonly adapterChanges: boolean
  readonly strictParameters: boolean
}

export class LiveOptions {
  #given: LiveServerOptions
  #now: SettledOptions
  /** For code that reads its options at each request. */
  readonly view: SettledOptions = liveView(() => this.#now)
  readonly limits: ServerLimits = liveView(() => this.#now.limits)
  readonly defaults: RequestDefaults = liveView(() => this.#now.defaults)

  constructor(given: LiveServerOptions) {
    this.#given = given
    this.#now = settled(given)
  }

  get now(): SettledOptions {
    return this.#now
  }

  /** What is not named stays. `check` sees what would hold; where it throws, nothing has changed. */
  change(changed: LiveServerOptions, check: (next: SettledOptions) => void = () => {}): void {
    const given = { ...this.#given, ...changed }
    const next = settled(given)
    check(next)
    this.#given = given
    this.#now = next
  }
}

function settled(given: LiveServerOptions): SettledOptions {
  return {
    apiKeys: given.apiKeys ?? [],
    adminKeys: given.adminKeys ?? [],
    allowKeyless: given.allowKeyless ?? false,
    corsOrigins: given.corsOrigins ?? [],
    hostNames: given.hostNames ?? [],
    trustProxy: given.trustProxy ?? [],
    privateMetrics: given.privateMetrics ?? false,
    limits: { ...defaultLimits, ...given.limits },
    defaults: given.defaults ?? {},
    slots: given.slots ?? true,
    adapterChanges: given.adapterChanges ?? false,
    strictParameters: given.strictParameters ?? false,
  }
}
