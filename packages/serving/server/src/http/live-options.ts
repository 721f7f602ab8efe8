/** Options that can change while a server runs. Each request sees a consistent snapshot: the old or the new. */

import type { RequestDefaults } from '../request-defaults.ts'
import type { HttpSettings } from './http-app.ts'
import { defaultLimits, type ServerLimits } from './limits.ts'
import { liveView } from './live-view.ts'

/** Options of `createServer` that `change` also accepts. */
export interface LiveServerOptions {
  /** Without keys, access is open. /health, /ready and /metrics never require one. */
  readonly apiKeys?: readonly string[] | undefined
  /** Keys for admin routes; without any, only this machine has access. */
  readonly adminKeys?: readonly string[] | undefined
  /** Allows listening on a non-loopback address without keys. */
  readonly allowKeyless?: boolean | undefined
  /** Allowed CORS origins; `*` for all. */
  readonly corsOrigins?: readonly string[] | undefined
  /** Additional host names accepted by a keyless server that listens on loopback only; `*` for all. */
  readonly hostNames?: readonly string[] | undefined
  /** Addresses and networks of proxies whose forwarding headers are trusted; also `loopback` and `private`. */
  readonly trustProxy?: readonly string[] | undefined
  /** Restricts GET /metrics to administrators. */
  readonly privateMetrics?: boolean | undefined
  /** All are read at startup; only `maxBodyBytes` and `maxConnectionsPerAddress` can change later. */
  readonly limits?: Partial<ServerLimits> | undefined
  /** Default sampling and length. */
  readonly defaults?: RequestDefaults | undefined
  /** Enables GET /slots; default true. */
  readonly slots?: boolean | undefined
  /** Lets administrators load and unload LoRA adapters from any path this process can read; default false. */
  readonly adapterChanges?: boolean | undefined
  /** Rejects unknown request fields; by default they are ignored and listed in a header. */
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
  /** For code that reads its options on every request. */
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

  /** Omitted options keep their values. `check` receives the new options; if it throws, nothing changes. */
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
