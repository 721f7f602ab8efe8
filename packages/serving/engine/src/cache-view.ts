/** Introspection types: what an engine's caches hold and which requests are queued. */

export interface CacheQuestion {
  /** Maximum number of prefix tree nodes. */
  readonly most: number
  /** Whether to include the first words of each prefix. */
  readonly withTexts: boolean
}

/** The KV cache of one process. */
export interface CacheView {
  /** The replica it belongs to, if the engine has several. */
  readonly replica?: number
  readonly cells: {
    readonly total: number
    /** Cells held by running sequences; of these, by two or more at a time. */
    readonly atWork: number
    readonly shared: number
    /** Cells kept only for future prompts. */
    readonly kept: number
    readonly free: number
    /** Bytes of one cell. */
    readonly bytes: number
  }
  /** Host memory. */
  readonly host: {
    readonly usedBytes: number
    readonly budgetBytes: number
    readonly states: number
    /** Pinned entries, included in `states`; they are evicted last. */
    readonly pinned: number
  }
  /** Absent if nothing is kept on disk. */
  readonly disk?: { readonly usedBytes: number; readonly budgetBytes: number; readonly files: number }
  readonly prefixes: { readonly nodes: readonly CachePrefix[]; readonly leftOut: number }
}

/** A run of tokens shared by cached prefixes. */
export interface CachePrefix {
  /** Unique within one response; parents precede their children. */
  readonly id: number
  readonly parent?: number
  readonly tokens: number
  /** Tokens from the start to its end. */
  readonly depth: number
  /** Running sequences, slots of ended ones and host memory states that hold it. */
  readonly readers: number
  readonly kept: number
  readonly saved: number
  /** Decayed use count with a half-life of ten minutes. */
  readonly heat: number
  readonly idleMillis?: number
  /** Not specific to an adapter or an owner. */
  readonly isCommon: boolean
  readonly text?: string
}

/** The queue in front of an engine. */
export interface EngineLine {
  readonly requests: readonly {
    /** The request's id. */
    readonly id: string
    readonly priority: number
    readonly waitedMillis: number
    /** Absent: no deadline. */
    readonly dueInMillis?: number
    readonly tokens: number
  }[]
  /** Queued requests by priority, the most urgent first. */
  readonly priorities: readonly { readonly priority: number; readonly waiting: number }[]
}
