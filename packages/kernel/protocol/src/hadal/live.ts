/**
 * GET /hadal/live: the current state of a server, once as JSON or every second as server-sent events. Times are milliseconds
 * since 1970, sizes are bytes.
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
  /** The service level objectives; absent if none are set or known. */
  readonly slo?: { readonly ttftMillis?: number; readonly itlMillis?: number; readonly e2eMillis?: number }
  readonly machine: LiveMachine
}

export interface LiveModel {
  readonly id: string
  /** `ready`, `loading`, `unloaded`, `unloading`, `failed`; for the engine `starting`, `restarting`, `draining`, `closed`. */
  readonly status: string
  /** Running requests that use it. */
  readonly uses: number
  readonly loadMillis?: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly engine?: LiveEngine
}

export interface LiveEngine {
  /** Choices with their reasons: `threads: 2 (physical cores)`. */
  readonly choices: readonly string[]
  readonly running: number
  readonly waiting: number
  readonly maxBatchSize: number
  readonly maxQueue: number
  /** Maximum tokens per step; absent if the engine does not report it. */
  readonly maxBatchTokens?: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
  readonly restarts: number
  /** Phases of the last start: `node`, `libraries`, `backends`, `model`, `context`, `warmUp`, `prefixes`. */
  readonly start?: { readonly millis: number; readonly phases: Readonly<Record<string, number>> }
  readonly memoryBytes?: number
  readonly contextLength: number
  /** The replicas, if the engine has several. */
  readonly replicas?: readonly LiveReplica[]
  readonly queue: LiveQueue
  /** One per replica that could report; empty if there is none. */
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
  /** Queued requests by priority, the most urgent (lowest) first. */
  readonly priorities: readonly { readonly priority: number; readonly waiting: number }[]
  /** The longest-waiting requests. */
  readonly requests: readonly LiveWaiting[]
  /** Queued requests not among `requests`. */
  readonly leftOut: number
}

export interface LiveWaiting {
  /** The request's id, as in its response and GET /hadal/timeline; otherwise the sequence's. */
  readonly id: string
  readonly priority: number
  readonly waitedMillis: number
  /** Time until its deadline; absent if there is none. */
  readonly dueInMillis?: number
  /** Prompt tokens, as far as known on arrival. */
  readonly tokens: number
}

/** The KV cache of one engine process. */
export interface LiveCache {
  readonly replica?: number
  readonly cells: {
    readonly total: number
    /** Held by running sequences; `shared` by two or more at a time. */
    readonly atWork: number
    readonly shared: number
    /** Cached for future prompts: left by ended sequences. */
    readonly kept: number
    readonly free: number
    /** Size of one cell. */
    readonly bytes?: number
  }
  /** States in host memory: preempted sequences and evicted prefixes. */
  readonly host: {
    readonly usedBytes: number
    readonly budgetBytes: number
    readonly states: number
    /** Pinned hot prefixes, included in `states`. */
    readonly pinned: number
  }
  /** Prefixes on disk; absent if none are kept. */
  readonly disk?: { readonly usedBytes: number; readonly budgetBytes: number; readonly files: number }
  readonly prefixes: LivePrefixes
}

/** The prefix tree: which prompt prefixes are cached. */
export interface LivePrefixes {
  /** Parents precede their children. */
  readonly nodes: readonly LivePrefix[]
  /** Nodes omitted for space. */
  readonly leftOut: number
}

export interface LivePrefix {
  /** Unique within one response. */
  readonly id: number
  readonly parent?: number
  /** Tokens from the end of the parent, and from the start. */
  readonly tokens: number
  readonly depth: number
  /** Running sequences, cache slots and host memory states that hold it. */
  readonly readers: number
  readonly kept: number
  readonly saved: number
  /** Decayed use count with a half-life of ten minutes. */
  readonly heat: number
  /** Milliseconds since the last use; absent if there was none. */
  readonly idleMillis?: number
  /** Whether it is shared; false if it belongs to a specific owner or adapter. */
  readonly isCommon: boolean
  /** Its first words; only if the service logs prompts. */
  readonly text?: string
}

export interface LiveMachine {
  /** The server's own process. */
  readonly server: LiveProcess & {
    readonly heapBytes: number
    /** Event loop delay during the last second: 99th percentile and maximum. */
    readonly loopDelayP99Millis?: number
    readonly loopDelayMaxMillis?: number
  }
  /** Engine processes. */
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
  /** CPU use in cores: 1.5 is one and a half. Absent in the first second. */
  readonly cores?: number
  /** Absent if the system does not report it. */
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
