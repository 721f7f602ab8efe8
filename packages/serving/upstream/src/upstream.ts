/**
 * The interface to a model on other servers: a request goes in as path and parsed body, and comes back as status, headers and
 * bytes. No tokenisation.
 */

import type { HadalError } from '@hadal/base'
import type { WakeEstimate, WakeRecord } from './wake/estimate-wake.ts'

/** Routing policy: by prompt prefix, by least outstanding requests, or round robin. */
export type Routing = 'prefix' | 'leastOutstanding' | 'roundRobin'

/** How replicas are discovered if they are not listed. `scheme` and `path` complete their URLs: `http` and `/v1` by default. */
export type Discovery = {
  readonly scheme?: 'http' | 'https'
  readonly path?: string
  /** Interval of DNS queries. */
  readonly intervalMillis?: number
} & (
  | { readonly dns: string; readonly port: number }
  /** An SRV record, which includes the ports: `_http._tcp.vllm.models.svc.cluster.local`. */
  | { readonly srv: string }
  /** The ready endpoints of a service, by port name or number; in the pod's own namespace by default. */
  | {
      readonly kubernetes: {
        readonly service: string
        readonly namespace?: string
        readonly port?: string | number
      }
    }
)

export interface BreakerOptions {
  /** Consecutive failures that open it. */
  readonly failures: number
  /** How long it stays open before a trial; doubles with each failed trial. */
  readonly openMillis: number
  readonly maxOpenMillis: number
}

export interface UpstreamOptions {
  /** The model name for clients. */
  readonly id: string
  /** Base URLs: `http://a:8000`, `http://a:8000/v1`, `https://api.deepseek.com`. */
  readonly replicas?: readonly string[]
  readonly discover?: Discovery
  /** The upstream's model name; `id` by default. */
  readonly model?: string
  readonly apiKey?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly maxConcurrentPerReplica?: number
  /** Maximum number of queued requests. */
  readonly maxQueue?: number
  /** How long requests are held while no replica is healthy; 0, the default: they are rejected immediately. */
  readonly holdMillis?: number
  /** Expected wake time until it has been measured. */
  readonly wakeMillis?: number
  readonly connectTimeoutMillis?: number
  /** Until the first byte of a stream. */
  readonly firstByteTimeoutMillis?: number
  /** Until the first byte of a response that is not streamed, which is sent when it is complete. */
  readonly answerTimeoutMillis?: number
  /** Between two bytes. */
  readonly idleTimeoutMillis?: number
  /** Health check path, relative to the base URL without its version; null: no checks. Any status but 5xx is healthy. */
  readonly healthPath?: string | null
  readonly healthIntervalMillis?: number
  readonly healthTimeoutMillis?: number
  /** Consecutive failed checks until it is unhealthy. */
  readonly healthFailures?: number
  /** Maximum retries of a request that reached a replica but got no byte of a response. */
  readonly retries?: number
  /** Also try a second replica with a free slot after this time without a byte. Absent: never. */
  readonly hedgeAfterMillis?: number
  readonly routing?: Routing
  /** Characters per block of a prompt prefix. */
  readonly prefixBlockChars?: number
  /** Maximum load of a replica, relative to the mean, before its prompts go elsewhere. */
  readonly loadBound?: number
  readonly breaker?: Partial<BreakerOptions>
  /** Request usage for streams even if the client did not; it is removed from the client's stream. */
  readonly askUsage?: boolean
  /** A client's share among waiting requests; 1 by default. */
  readonly weightOf?: (client: string) => number
  /** Waiting time that raises urgency by one priority. */
  readonly agingMillis?: number
}

export interface RelayScheduling {
  /** Lower goes first; 0 by default. */
  readonly priority?: number
  /** The client it belongs to: clients share slots by their weights. */
  readonly client?: string
  readonly user?: string
  /** Deadline for its first byte. */
  readonly deadlineMillis?: number
}

export interface RelayRequest {
  /** Sent as `x-request-id`. */
  readonly id: string
  /** The path of the client's request: `/v1/chat/completions`. */
  readonly path: string
  /** Forwarded in a copy in which only `model` and `stream_options` change. */
  readonly body: Readonly<Record<string, unknown>>
  /** The client's headers; hop-by-hop headers and credentials are not forwarded. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly scheduling?: RelayScheduling
}

export interface RelayUsage {
  /** Includes cached ones. */
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
  readonly reasoningTokens: number
}

export interface RelayAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /**
   * Can be read once, as fast as the client reads. Leaving it early (`return`) or aborting the signal of `relay` cancels the
   * upstream request. Throws `upstream_interrupted` if the stream is cut.
   */
  readonly body: AsyncIterableIterator<Uint8Array>
  /** Its base URL. */
  readonly replica: string
  /** Number of replicas tried, including this one. */
  readonly attempts: number
  /** Time until it got a slot if no replica was healthy on arrival; otherwise 0. */
  readonly heldMillis: number
  /** Resolves when the body has ended for any reason. Never rejects. */
  readonly usage: Promise<RelayUsage | undefined>
}

export interface ReplicaSnapshot {
  readonly url: string
  readonly health: 'unknown' | 'up' | 'down'
  readonly breaker: 'closed' | 'open' | 'halfOpen'
  readonly outstanding: number
  /** Total attempts, and failed ones. */
  readonly attempts: number
  readonly failures: number
}

/** For a model that may sleep: requires `holdMillis`. */
export interface WakeSnapshot {
  /** When it will be available; undefined if it is, or if unknown. */
  readonly estimate: WakeEstimate | undefined
  /** Wakes measured since the start. */
  readonly wakes: number
  readonly last: WakeRecord | undefined
}

/** Persists wake times. Neither function may throw. */
export interface WakeMemory {
  read(): readonly WakeRecord[]
  /** Writes all records to keep. */
  write(records: readonly WakeRecord[]): void
}

export interface UpstreamSnapshot {
  readonly id: string
  /** `asleep`: no replica is healthy, and requests are held. */
  readonly state: 'starting' | 'ready' | 'asleep' | 'unavailable' | 'draining' | 'closed'
  /** Requests at a replica, and waiting ones. */
  readonly running: number
  readonly waiting: number
  /** Requests that wait because no replica is healthy; included in `waiting`. */
  readonly held: number
  readonly wake: WakeSnapshot
  /** Slots of the healthy replicas. */
  readonly places: number
  readonly maxQueue: number
  readonly replicas: readonly ReplicaSnapshot[]
  readonly relayed: number
  readonly retried: number
  readonly hedged: number
  readonly interrupted: number
  /** Prompts with a known prefix that were routed to its replica. */
  readonly prefixHits: number
  readonly prefixMisses: number
}

export interface Upstream extends AsyncDisposable {
  readonly id: string
  /** Resolves when a replica is healthy. Rejects with `upstream_unavailable` if the signal aborts first. */
  ready(signal?: AbortSignal): Promise<void>
  snapshot(): UpstreamSnapshot
  /** The error that a request with this scheduling would get now. */
  refusal(scheduling?: RelayScheduling): HadalError | undefined
  /** Resolves with the first byte. Throws `HadalError`, or the signal's reason. */
  relay(request: RelayRequest, signal?: AbortSignal): Promise<RelayAnswer>
  /** Stops accepting requests; resolves when all accepted ones have ended. */
  drain(): Promise<void>
}
