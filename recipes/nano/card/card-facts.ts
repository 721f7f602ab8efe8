// The content of the model card, gathered: what `card.ts` reads from files and `page.ts` writes.

import type { Evaluation } from '../evaluation/evaluation.ts'
import type { Stage } from '../sizes.ts'
import type { ModelFacts } from './model-facts.ts'
import type { StageFigures } from './training-figures.ts'

export interface CardFacts {
  /** Folder under `recipes/` and `runs/`. */
  readonly recipe: string
  readonly model: ModelFacts
  readonly fileName: string
  /** Why it comes with Hadal, in a sentence, and the command that serves it. */
  readonly place: string
  readonly start: string
  /** Where that serves. */
  readonly url: string
  readonly stages: Readonly<Record<Stage, StageFigures>>
  /** Tokens a training window. */
  readonly windowLength: number
  readonly evaluation: Evaluation
  /** Markdown. */
  readonly dataSection: string
  readonly run: RunFacts
  /** Markdown: a comparison with another model, if there is one. */
  readonly comparison: readonly string[]
}

/** Facts that no file of a run contains. */
export interface RunFacts {
  readonly command: string
  /** Sentences about the command. */
  readonly remarks: readonly string[]
  readonly threads: number
  readonly precision: string
  readonly machine: string
  readonly software: string
}
