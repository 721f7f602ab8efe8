/** What an engine says of what it holds and of who waits, for those who look at it. Knows nothing of how it is held. */

export interface CacheQuestion {
  /** Stretches of the tree of beginnings at the most. */
  readonly most: number
  /** Whether the first words of each are told. */
  readonly withTexts: boolean
}

/** Keys and values of one process. */
export interface CacheView {
  /** Of several engines that are one: whose they are. */
  readonly replica?: number
  readonly cells: {
    readonly total: number
    /** Held by sequences at work; of these, by two or more at a time. */
    readonly atWork: number
    readonly shared: number
    /** Held only for prompts to come. */
    readonly kept: number
    readonly free: number
    /** Of one cell. */
    readonly bytes: number
  }
  /** In host memory. */
  readonly host: {
    readonly usedBytes: number
    readonly budgetBytes: number
    readonly states: number
    /** Of these, as many stay while others go. */
    readonly pinned: number
  }
  /** Absent where none are kept on disk. */
  readonly disk?: { readonly usedBytes: number; readonly budgetBytes: number; readonly files: number }
  readonly prefixes: { readonly nodes: readonly CachePrefix[]; readonly leftOut: number }
}

/** A stretch of tokens that beginnings have in common. */
export interface CachePrefix {
  /** Of one answer alone; a parent stands before its children. */
  readonly id: number
  readonly parent?: number
  readonly tokens: number
  /** Tokens from the beginning to its end. */
  readonly depth: number
  /** Sequences at work, places of ended ones, and states in host memory that hold it. */
  readonly readers: number
  readonly kept: number
  readonly saved: number
  /** Uses of late: one of ten minutes ago counts half. */
  readonly heat: number
  readonly idleMillis?: number
  /** Anybody's: of no adapter, and of no owner of its own. */
  readonly isCommon: boolean
  readonly text?: string
}

/** Who waits in front of an engine. */
export interface EngineLine {
  readonly requests: readonly {
    /** As its request is called. */
    readonly id: string
    readonly priority: number
    readonly waitedMillis: number
    /** Absent: it may wait for ever. */
    readonly dueInMillis?: number
    readonly tokens: number
  }[]
  /** How many wait at each priority, the most urgent first. */
  readonly priorities: readonly { readonly priority: number; readonly waiting: number }[]
}
