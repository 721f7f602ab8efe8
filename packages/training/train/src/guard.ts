/** Carries out what the divergence guard decides: keeps a state to go back to, goes back, and says so. */

import type { Checkpoint, SavedSession } from './checkpoint-file.ts'
import { type GuardOptions, judgeStep, noGuard } from './divergence-guard.ts'
import type { Divergence } from './errors.ts'
import type { DecisionEvent } from './events.ts'
import type { Run } from './run.ts'
import type { Session } from './session.ts'
import type { Pass } from './task/pass.ts'
import type { StepOutcome } from './train-step.ts'

export type Judgement =
  | { readonly kind: 'good' }
  /** The session stands where the run goes on. */
  | { readonly kind: 'decision'; readonly event: DecisionEvent; readonly rolledBack: boolean }
  /** The session stands at the last good state. */
  | { readonly kind: 'diverged'; readonly failure: Divergence }

/**
 * The state to go back to is in host memory, not the newest checkpoint: those come when a signal or a listener asks for them, and a
 * run would take another course for having been interrupted. A checkpoint of another step than that state's holds it as well; with
 * `checkpoint.everySteps` a multiple of `guard.snapshotEverySteps`, only those out of turn do, and writing a checkpoint takes no
 * more memory than without a guard.
 */
export class Guard {
  readonly #session: Session
  readonly #options: GuardOptions
  /** Nothing follows it; Infinity where the run may be prolonged. */
  readonly #lastStep: number
  /** undefined without a guard. */
  #lastGood: SavedSession | undefined

  /** `restored` is what `session` was restored from. */
  constructor(run: Run, session: Session, restored: Checkpoint | undefined) {
    this.#session = session
    this.#options = run.guard || noGuard
    const { kind, totalSteps } = run.schedule
    this.#lastStep = kind === 'inverse-sqrt' ? Number.POSITIVE_INFINITY : totalSteps
    if (run.guard) this.#lastGood = restored?.lastGood ?? restored ?? session.snapshot()
  }

  /** What is to be done after a step that `trainStep` has carried out, done. */
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

  /** Call it when a good step is over: every so often this becomes the state to go back to. */
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

/** Of the passes whose loss is not finite; of all where there is none such. */
function describeBatch(passes: readonly Pass[], losses: readonly number[]): string {
  const bad = passes.filter((_, index) => !Number.isFinite(losses[index]))
  return (bad.length > 0 ? bad : passes).map((pass) => pass.describe()).join('; ')
}
