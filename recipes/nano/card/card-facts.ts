// All that the model card tells, gathered: what `card.ts` reads from files and `page.ts` writes.

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
  /** Markdown: this model beside another, where there is one to compare with. */
  readonly comparison: readonly string[]
}

/** What no file of a run tells. */
export interface RunFacts {
  readonly command: string
  /** Sentences about the command. */
  readonly remarks: readonly string[]
  readonly threads: number
  readonly precision: string
  readonly machine: string
  readonly software: string
}
