/**
 * GET /hadal/live: how a server stands at this moment, once as JSON or each second as server-sent events. Moments are
 * milliseconds since 1970, sizes are bytes.
 *
 * @example
 * ```ts
 * import type { LiveState } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/live', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const answer = (await response.json()) as LiveState
 * ```
 */

export interface LiveState {
  readonly at: number
  readonly models: readonly LiveModel[]
  /** What the service promises; absent where nothing is promised, or where the server was not told. */
  readonly slo?: { readonly ttftMillis?: number; readonly itlMillis?: number; readonly e2eMillis?: number }
  readonly machine: LiveMachine
}

export interface LiveModel {
  readonly id: string
  /** `ready`, `loading`, `unloaded`, `unloading`, `failed`; of the engine `starting`, `restarting`, `draining`, `closed`. */
  readonly status: string
  /** Requests that are being answered hold it. */
  readonly uses: number
  readonly loadMillis?: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly engine?: LiveEngine
}

export interface LiveEngine {
  /** Each choice with its reason: `threads: 2 (physical cores)`. */
  readonly choices: readonly string[]
  readonly running: number
  readonly waiting: number
  readonly maxBatchSize: number
  readonly maxQueue: number
  /** Tokens of one step at the most; absent where the engine does not say. */
  readonly maxBatchTokens?: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
  readonly restarts: number
  /** What the last start was spent on; `node`, `libraries`, `backends`, `model`, `context`, `warmUp`, `prefixes`. */
  readonly start?: { readonly millis: number; readonly phases: Readonly<Record<string, number>> }
  readonly memoryBytes?: number
  readonly contextLength: number
  /** Of several engines that are one: each of them. */
  readonly replicas?: readonly LiveReplica[]
  readonly queue: LiveQueue
  /** One for each replica that could tell; empty while there is none. */
  readonly caches: readonly LiveCache[]
}

export interface LiveReplica {
  readonly place: number
  /** `starting`, `serving` or `leaving`. */
  readonly standing: string
  readonly state: string
  readonly running: number
  readonly waiting: number
  readonly restarts: number
}

export interface LiveQueue {
  /** How many wait at each priority, the most urgent (lowest) first. */
  readonly priorities: readonly { readonly priority: number; readonly waiting: number }[]
  /** Those that have waited longest. */
  readonly requests: readonly LiveWaiting[]
  /** Who wait, too, and are not among `requests`. */
  readonly leftOut: number
}

export interface LiveWaiting {
  /** The request's id, as its answer and GET /hadal/timeline have it; of what came another way, the sequence's. */
  readonly id: string
  readonly priority: number
  readonly waitedMillis: number
  /** Until waiting is in vain; absent where it never is. */
  readonly dueInMillis?: number
  /** Of its prompt, as far as it was known when it came. */
  readonly tokens: number
}

/** The keys and values of one engine process. */
export interface LiveCache {
  readonly replica?: number
  readonly cells: {
    readonly total: number
    /** Held by sequences at work; `shared` of them by two or more at a time. */
    readonly atWork: number
    readonly shared: number
    /** Held only for prompts to come: what ended sequences left. */
    readonly kept: number
    readonly free: number
    /** Of one cell. */
    readonly bytes?: number
  }
  /** States in host memory: of sequences that were put aside, and of beginnings that left the cells. */
  readonly host: {
    readonly usedBytes: number
    readonly budgetBytes: number
    readonly states: number
    /** Of them, beginnings that stay because they are asked for again and again. */
    readonly pinned: number
  }
  /** Beginnings kept on disk; absent where none are. */
  readonly disk?: { readonly usedBytes: number; readonly budgetBytes: number; readonly files: number }
  readonly prefixes: LivePrefixes
}

/** The prefix tree: what is held of which beginnings of prompts. */
export interface LivePrefixes {
  /** A parent always stands before its children. */
  readonly nodes: readonly LivePrefix[]
  /** Nodes that there was no room for. */
  readonly leftOut: number
}

export interface LivePrefix {
  /** Of this answer alone. */
  readonly id: number
  readonly parent?: number
  /** Tokens from the parent's end to its own, and from the beginning. */
  readonly tokens: number
  readonly depth: number
  /** Sequences at work that have it, places that keep it, and states in host memory that hold it. */
  readonly readers: number
  readonly kept: number
  readonly saved: number
  /** How often prompts came this way of late: a use of ten minutes ago counts half. */
  readonly heat: number
  /** Milliseconds since the last one; absent where there was none. */
  readonly idleMillis?: number
  /** Whether it is shared with others at all: of an owner or an adapter of its own otherwise. */
  readonly isCommon: boolean
  /** Its first words; only where the service logs prompts. */
  readonly text?: string
}

export interface LiveMachine {
  /** The server's own process. */
  readonly server: LiveProcess & {
    readonly heapBytes: number
    /** How late the event loop was in the last second, at the 99th percentile and at most. */
    readonly loopDelayP99Millis?: number
    readonly loopDelayMaxMillis?: number
  }
  /** Those of engines. */
  readonly engines: readonly (LiveProcess & { readonly model: string; readonly replica?: number })[]
  readonly host: {
    readonly cores: number
    readonly load1: number
    readonly memoryBytes: number
    readonly freeBytes: number
  }
  readonly gpus: readonly LiveGpu[]
}

export interface LiveProcess {
  readonly pid: number
  /** Of one core: 1.5 is one and a half. Absent in the first second. */
  readonly cores?: number
  /** Absent where the system does not tell. */
  readonly residentBytes?: number
}

export interface LiveGpu {
  readonly index: number
  readonly name: string
  /** 0 to 1. */
  readonly utilization?: number
  readonly memoryUsedBytes?: number
  readonly memoryTotalBytes?: number
  readonly celsius?: number
  readonly watts?: number
}
