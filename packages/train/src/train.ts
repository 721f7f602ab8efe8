/**
 * The loop: batch -> step -> metrics -> evaluation -> checkpoint, until the schedule ends or somebody asks to stop.
 * Prints nothing; listeners do.
 */

import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '@hadal/base'
import { learningRateAt, parameterCount } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { CheckpointStore } from './checkpoint-store.ts'
import { diverged, runChanged } from './errors.ts'
import { evaluate } from './evaluate.ts'
import type { TrainListener } from './events.ts'
import type { Run } from './run.ts'
import { lockRunFolder } from './run-lock.ts'
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
 * Carries out a run, from its newest checkpoint if its folder has one. Throws `train_run_locked`, `train_run_changed`,
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
  using _ = lockRunFolder(run.folder, (message) => emit({ type: 'warning', message }))
  const store = new CheckpointStore(run.folder, run.checkpoint.keep)
  const session = open(run, store, emit)
  const { totalSteps } = run.schedule
  const secondsSince = (start: number): number => (clock.now() - start) / 1000
  const started = clock.now()
  let validLoss: number | undefined

  const heldOut = (): number => {
    const start = clock.now()
    const loss = evaluate(session.model, run.data.valid, run.batch.windows)
    emit({ type: 'evaluated', step: session.step, loss, seconds: secondsSince(start) })
    return loss
  }
  const save = (): void => {
    const start = clock.now()
    const path = store.save(session.snapshot())
    emit({ type: 'checkpoint', step: session.step, path, seconds: secondsSince(start) })
  }

  emit({
    type: 'started',
    name: run.name,
    parameters: parameterCount(run.model),
    step: session.step,
    totalSteps,
  })
  while (session.step < totalSteps && !signal?.aborted) {
    const start = clock.now()
    const batch = session.nextBatch()
    const learningRate = learningRateAt(run.schedule, session.step)
    const { loss, gradientNorm } = trainStep(session, batch, learningRate, run.clipNorm)
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
      tokens: session.tokensPerStep,
      seconds: secondsSince(start),
    })
    const last = session.step === totalSteps
    if (last || session.step % run.evaluate.everySteps === 0) validLoss = heldOut()
    await setImmediate() // lets signals in
    if (last || signal?.aborted || session.step % run.checkpoint.everySteps === 0) save()
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
