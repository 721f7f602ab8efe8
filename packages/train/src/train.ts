/**
 * The loop: batch -> step -> metrics -> evaluation -> checkpoint, until the schedule ends or somebody asks to stop.
 * Prints nothing; listeners do.
 */

import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '@hadal/base'
import { cosineLearningRate, parameterCount, selectWindows } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { CheckpointStore } from './checkpoint-store.ts'
import { diverged, runChanged } from './errors.ts'
import { evaluate } from './evaluate.ts'
import type { TrainListener } from './events.ts'
import type { Run } from './run.ts'
import { Session } from './session.ts'
import { trainStep } from './train-step.ts'

export interface TrainOptions {
  readonly listeners?: readonly TrainListener[]
  /** When it aborts, the step is finished, a checkpoint written and the run ends as `interrupted`. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export interface TrainResult {
  readonly status: 'finished' | 'interrupted'
  readonly step: number
  /** Of the last evaluation; the loop evaluates after its last step. */
  readonly validLoss: number | undefined
}

/**
 * Carries out a run, from its newest checkpoint if its folder has one. Throws `train_run_changed`,
 * `train_no_usable_checkpoint`, `train_diverged`.
 */
export function train(run: Run, options: TrainOptions = {}): Promise<TrainResult> {
  return scope(() => loop(run, options))
}

async function loop(
  run: Run,
  { listeners = [], signal, clock = systemClock }: TrainOptions,
): Promise<TrainResult> {
  const emit: TrainListener = (event) => {
    for (const listener of listeners) listener(event)
  }
  const store = new CheckpointStore(run.folder, run.checkpoint.keep)
  const session = open(run, store, emit)
  const { totalSteps } = run.schedule
  const started = clock.now()
  const secondsSince = (start: number): number => (clock.now() - start) / 1000
  let validLoss: number | undefined

  const parameters = parameterCount(run.model)
  emit({ type: 'started', name: run.name, parameters, step: session.step, totalSteps })
  while (session.step < totalSteps && !signal?.aborted) {
    const stepStarted = clock.now()
    const passes = Array.from({ length: run.batch.accumulate }, () =>
      selectWindows(run.data.train, session.sampler.next(run.batch.windows)),
    )
    const learningRate = cosineLearningRate(run.schedule, session.step)
    const { loss, gradientNorm } = trainStep(session, passes, learningRate, run.clipNorm)
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw diverged(session.step + 1, loss, gradientNorm, store.newest() ?? 'none were saved yet')
    session.step += 1
    emit({
      type: 'step',
      step: session.step,
      totalSteps,
      epoch: session.sampler.epochs,
      loss,
      learningRate,
      gradientNorm,
      tokens: run.batch.accumulate * run.batch.windows * run.data.train.length,
      seconds: secondsSince(stepStarted),
    })
    const last = session.step === totalSteps
    if (last || session.step % run.evaluate.everySteps === 0) {
      const evaluationStarted = clock.now()
      validLoss = evaluate(session.model, run.data.valid, run.batch.windows)
      emit({
        type: 'evaluated',
        step: session.step,
        loss: validLoss,
        seconds: secondsSince(evaluationStarted),
      })
    }
    await setImmediate() // lets signals in
    if (last || signal?.aborted || session.step % run.checkpoint.everySteps === 0) {
      const saveStarted = clock.now()
      const path = store.save(session.snapshot())
      emit({ type: 'checkpoint', step: session.step, path, seconds: secondsSince(saveStarted) })
    }
  }
  const status = session.step < totalSteps ? 'interrupted' : 'finished'
  emit({ type: status, step: session.step, seconds: secondsSince(started) })
  return { status, step: session.step, validLoss }
}

/** The run where its newest checkpoint left it, or at its beginning. */
function open(run: Run, store: CheckpointStore, emit: TrainListener): Session {
  const session = new Session(run)
  const checkpoint = store.load((message) => emit({ type: 'warning', message }))
  if (checkpoint) {
    if (checkpoint.state.fingerprint !== run.fingerprint) throw runChanged(run.folder)
    session.restore(checkpoint)
  }
  return session
}
