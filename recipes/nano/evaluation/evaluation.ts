// What `models/nano/evaluation.json` holds: written by `evaluate.ts`, read by `card.ts`. Free of dates, so that it
// changes only when the model's answers do.

export interface Evaluation {
  /** As the server names it. */
  readonly model: string
  readonly settings: { readonly temperature: 0; readonly maxTokens: number; readonly concurrency: number }
  readonly data: {
    /** Hash of the file of held-out conversations. */
    readonly sha256: string
    readonly available: number
    readonly asked: number
    /** Those whose last question occurs word for word in training, like "What is its currency?" */
    readonly wordedAsInTraining: number
  }
  readonly total: SplitScores
  /** By name. */
  readonly kinds: Readonly<Record<string, SplitScores>>
  /** Number of replies with each form error. */
  readonly formFaults: Readonly<Record<string, number>>
  /** The first wrong reply of each kind and split. */
  readonly mistakes: readonly Mistake[]
  readonly samples: readonly Sample[]
}

/** What training never saw: the wording of the question, or what it asks about. */
export type HeldOut = 'phrasing' | 'fact'

export type SplitScores = { readonly [Split in HeldOut]?: Score }

export interface Score {
  readonly asked: number
  /** Those whose answer can be checked. */
  readonly checked: number
  /** The reply contains the answer letter for letter. */
  readonly right: number
  /** The reply has no form error. */
  readonly wellFormed: number
}

export interface Mistake {
  readonly kind: string
  readonly heldOut: HeldOut
  /** The user's turns, the last one being answered. */
  readonly questions: readonly string[]
  /** What the reply must contain. */
  readonly answer: string
  readonly reply: string
}

/** A conversation held with the model; every reply is its own, unedited. */
export type Sample = readonly Turn[]

export interface Turn {
  readonly question: string
  /** Someone asks this word for word in the training conversations; capitals do not count. */
  readonly inTraining: boolean
  readonly reply: string
}
