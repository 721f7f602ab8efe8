/** Executes the divergence guard's decisions: keeps a rollback state, rolls back, and reports it. */

import type { Checkpoint, SavedSession } from './checkpoint-file.ts'
import { type GuardOptions, judgeStep, noGuard } from './divergence-guard.ts'
import type { Divergence } from './errors.ts'
import type { DecisionEvent } from './events.ts'
import type { Run } from './run.ts'
import type { Session } from './session.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { Pass } from './task/pass.ts'

export type Judgement =
  | { readonly kind: 'good' }
  /** The session is positioned where the run continues. */
  | { readonly kind: 'decision'; readonly event: DecisionEvent; readonly rolledBack: boolean }
  /** The session is at the last good state. */
  | { readonly kind: 'diverged'; readonly failure: Divergence }

/**
 * The rollback state is in host memory rather than the newest checkpoint: checkpoints can be triggered by signals or subscribers,
 * and an interruption would change the run's course. A checkpoint of a later step includes that state. With `checkpoint.everySteps`
 * a multiple of `guard.snapshotEverySteps` only unscheduled checkpoints do, and writing a checkpoint takes no more memory than
 * without a guard.
 */
export class Guard {
  readonly #session: Session
  readonly #options: GuardOptions
  /** The last step of the run; Infinity if it may be extended. */
  readonly #lastStep: number
  /** undefined without a guard. */
  #lastGood: SavedSession | undefined

  /** `restored` is the checkpoint `session` was restored from. */
  constructor(run: Run, session: Session, restored: Checkpoint | undefined) {
    this.#session = session
    this.#options = run.guard || noGuard
    const { kind, totalSteps } = run.schedule
    this.#lastStep = kind === 'inverse-sqrt' ? Number.POSITIVE_INFINITY : totalSteps
    if (run.guard) this.#lastGood = restored?.lastGood ?? restored ?? session.snapshot()
  }

  /** Judges a step that `trainStep` has executed, and executes the decision. */
  judge(passes: readonly Pass[], outcome: StepOutcome): Judgement {
    const session = this.#session
    const report = {
      failedStep: session.step + 1,
      lastGoodStep: this.#lastGood?.state.step ?? session.step,
      loss: outcome.loss,
      gradientNorm: outcome.gradientNorm,
      layerNorms: outcome.layerNorms,
      weightNorms: this.#lastGood ? session.weightNorms() : new Map(),
      batch: describeBatch(passes, outcome.passLosses),
      skipped: outcome.skipped ?? false,
    }
    const verdict = judgeStep(this.#options, session.guard, report)
    if (verdict.kind === 'good') {
      session.guard = verdict.record
      return { kind: 'good' }
    }
    if (verdict.rollBack) this.#goBack(verdict.replay)
    const { interventions, rateFactor } = verdict.record
    const { trouble, layer, batch } = verdict
    const tried = interventions.map(({ message }) => message)
    const failure = { step: report.failedStep, trouble, layer, batch, tried }
    const ends = verdict.kind === 'give-up'
    session.guard = ends ? { ...verdict.record, failure } : verdict.record
    if (this.#lastGood?.state.step === session.step)
      this.#lastGood = { ...this.#lastGood, state: session.state }
    if (ends) return { kind: 'diverged', failure }
    const number = interventions.length
    const event: DecisionEvent = { type: 'decision', number, rateFactor, ...interventions.at(-1)! }
    return { kind: 'decision', event, rolledBack: verdict.rollBack }
  }

  /** Call after a good step: at the configured interval it becomes the rollback state. */
  keepGood(): void {
    const { step, guard } = this.#session
    const due = step % this.#options.snapshotEverySteps === 0 && guard.highSteps === 0
    if (this.#lastGood && due) this.#lastGood = this.#session.snapshot()
  }

  /** All of the run between two steps. */
  checkpoint(): Checkpoint {
    const { step } = this.#session
    const lastGood = this.#lastGood
    if (lastGood === undefined || step === this.#lastStep) return this.#session.snapshot()
    return lastGood.state.step === step ? lastGood : { ...this.#session.snapshot(), lastGood }
  }

  #goBack(replay: boolean): void {
    if (!this.#lastGood) return
    const { training } = this.#session.task
    const { position } = training
    this.#session.restore(this.#lastGood)
    if (!replay) training.restore(position)
  }
}

/** The passes with non-finite loss, or all if there are none. */
function describeBatch(passes: readonly Pass[], losses: readonly number[]): string {
  const bad = passes.filter((_, index) => !Number.isFinite(losses[index]))
  return (bad.length > 0 ? bad : passes).map((pass) => pass.describe()).join('; ')
}
