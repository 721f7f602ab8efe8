/**
 * What the server knows of a model that lives in other servers: a request goes in as path and parsed body, and comes back as
 * status, headers and bytes. Nothing here turns text into tokens.
 */

import type { HadalError } from '@hadal/base'
import type { WakeEstimate, WakeRecord } from './wake/estimate-wake.ts'

/** How a request finds its replica: by who has the beginning of its prompt, by who does least, or in turn. */
export type Routing = 'prefix' | 'leastOutstanding' | 'roundRobin'

/** Where replicas are found, when they are not listed. `scheme` and `path` complete their URLs: `http` and `/v1` by default. */
export type Discovery = {
  readonly scheme?: 'http' | 'https'
  readonly path?: string
  /** Between two questions to DNS. */
  readonly intervalMillis?: number
} & (
  | { readonly dns: string; readonly port: number }
  /** An SRV record, which has the ports: `_http._tcp.vllm.models.svc.cluster.local`. */
  | { readonly srv: string }
  /** The ready endpoints of a service, by name or number of a port; the pod's own namespace by default. */
  | {
      readonly kubernetes: {
        readonly service: string
        readonly namespace?: string
        readonly port?: string | number
      }
    }
)

export interface BreakerOptions {
  /** So many failures with no success between them open it. */
  readonly failures: number
  /** Open for so long, then one request is tried; twice as long each time that it fails too. */
  readonly openMillis: number
  readonly maxOpenMillis: number
}

export interface UpstreamOptions {
  /** The model, as clients name it. */
  readonly id: string
  /** Base URLs: `http://a:8000`, `http://a:8000/v1`, `https://api.deepseek.com`. */
  readonly replicas?: readonly string[]
  readonly discover?: Discovery
  /** The model, as the upstream names it; `id` by default. */
  readonly model?: string
  readonly apiKey?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly maxConcurrentPerReplica?: number
  /** How many may wait for a place. */
  readonly maxQueue?: number
  /** While no replica is well, requests wait so long for one before they are refused; 0, the default: they are refused at once. */
  readonly holdMillis?: number
  /** How long that usually takes, until it was measured. */
  readonly wakeMillis?: number
  readonly connectTimeoutMillis?: number
  /** Until the first byte of a stream. */
  readonly firstByteTimeoutMillis?: number
  /** Until the first byte of an answer that is not streamed, which comes when all of it is written. */
  readonly answerTimeoutMillis?: number
  /** Between two bytes. */
  readonly idleTimeoutMillis?: number
  /** Asked of each replica, beside its base URL's version; null: nobody is asked. Anything but 5xx is well. */
  readonly healthPath?: string | null
  readonly healthIntervalMillis?: number
  readonly healthTimeoutMillis?: number
  /** Checks that must fail, one after another. */
  readonly healthFailures?: number
  /** Further attempts of a request that reached a replica and had no byte of an answer. */
  readonly retries?: number
  /** A second replica is asked as well after so long without a byte, if it has a free place. Absent: never. */
  readonly hedgeAfterMillis?: number
  readonly routing?: Routing
  /** Characters of a prompt that are one block of its beginning. */
  readonly prefixBlockChars?: number
  /** A replica takes so many times the mean load before its prompts go elsewhere. */
  readonly loadBound?: number
  readonly breaker?: Partial<BreakerOptions>
  /** Streams are asked for their usage even where the client did not; the client sees none of it. */
  readonly askUsage?: boolean
  /** A client's share among others that wait; 1 by default. */
  readonly weightOf?: (client: string) => number
  /** Waiting so long counts as one priority more urgent. */
  readonly agingMillis?: number
}

export interface RelayScheduling {
  /** Lower goes first; 0 by default. */
  readonly priority?: number
  /** Whose it is: clients share places by their weights. */
  readonly client?: string
  readonly user?: string
  /** Its first byte is worth nothing later. */
  readonly deadlineMillis?: number
}

export interface RelayRequest {
  /** Goes along as `x-request-id`. */
  readonly id: string
  /** As the client asked for it: `/v1/chat/completions`. */
  readonly path: string
  /** Only `model` and `stream_options` are changed, in a copy. */
  readonly body: Readonly<Record<string, unknown>>
  /** Of the client's; what belongs to one connection or is a credential stays behind. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly scheduling?: RelayScheduling
}

export interface RelayUsage {
  /** Cached ones included. */
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
  readonly reasoningTokens: number
}

export interface RelayAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /**
   * To be read once, as fast as the client reads. Ends the request upstream when it is left early (`return`) or the signal of
   * `relay` aborts. Throws `upstream_interrupted` when the stream is cut.
   */
  readonly body: AsyncIterableIterator<Uint8Array>
  /** Its base URL. */
  readonly replica: string
  /** How many replicas were asked, this one included. */
  readonly attempts: number
  /** From when it came until it had a place, where no replica was well then; else 0. */
  readonly heldMillis: number
  /** When the body has ended, however it did. Never rejects. */
  readonly usage: Promise<RelayUsage | undefined>
}

export interface ReplicaSnapshot {
  readonly url: string
  readonly health: 'unknown' | 'up' | 'down'
  readonly breaker: 'closed' | 'open' | 'halfOpen'
  readonly outstanding: number
  /** Attempts so far, and those of them that failed. */
  readonly attempts: number
  readonly failures: number
}

/** Of a model that may sleep: without `holdMillis` nothing is known of it. */
export interface WakeSnapshot {
  /** When it can be asked; undefined while it can be, and where nothing is known. */
  readonly estimate: WakeEstimate | undefined
  /** So many were measured since this was made. */
  readonly wakes: number
  readonly last: WakeRecord | undefined
}

/** Keeps what wakes took from one run to the next. Neither function may throw. */
export interface WakeMemory {
  read(): readonly WakeRecord[]
  /** All that count from now on. */
  write(records: readonly WakeRecord[]): void
}

export interface UpstreamSnapshot {
  readonly id: string
  /** `asleep`: no replica is well, and requests wait for one. */
  readonly state: 'starting' | 'ready' | 'asleep' | 'unavailable' | 'draining' | 'closed'
  /** Requests that have a replica, and those that wait for one. */
  readonly running: number
  readonly waiting: number
  /** Of those, the ones that wait because no replica is well. */
  readonly held: number
  readonly wake: WakeSnapshot
  /** Places of the replicas that are well. */
  readonly places: number
  readonly maxQueue: number
  readonly replicas: readonly ReplicaSnapshot[]
  readonly relayed: number
  readonly retried: number
  readonly hedged: number
  readonly interrupted: number
  /** Prompts whose beginning was known, and whose replica for it was free to take them. */
  readonly prefixHits: number
  readonly prefixMisses: number
}

export interface Upstream extends AsyncDisposable {
  readonly id: string
  /** When a replica is well. Rejects with `upstream_unavailable` when the signal aborts first. */
  ready(signal?: AbortSignal): Promise<void>
  snapshot(): UpstreamSnapshot
  /** What a request so scheduled would be refused with now. */
  refusal(scheduling?: RelayScheduling): HadalError | undefined
  /** Resolves with the first byte. Throws `HadalError`, or the signal's reason. */
  relay(request: RelayRequest, signal?: AbortSignal): Promise<RelayAnswer>
  /** Takes nothing new; resolves when everything taken has ended. */
  drain(): Promise<void>
}
