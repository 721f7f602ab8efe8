/**
 * The loop: batch -> step -> metrics -> evaluation -> checkpoint, until the schedule ends, it no longer pays, or somebody asks to
 * stop. Prints nothing; listeners do.
 */

import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '@hadal/base'
import { learningRateAt, modelParameterCount, trainingFlopsPerToken } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { CheckpointStore } from './checkpoint-store.ts'
import { diverged, runChanged } from './errors.ts'
import { evaluate } from './evaluate.ts'
import type { RunControl, TrainEvent, TrainListener } from './events.ts'
import { withHeldOut } from './held-out-record.ts'
import type { Run } from './run.ts'
import { lockRunFolder } from './run-lock.ts'
import { sampleTexts } from './sample.ts'
import { Session } from './session.ts'
import { trainStep } from './train-step.ts'
import { windowLength } from './training-data.ts'

export interface TrainOptions {
  readonly listeners?: readonly TrainListener[]
  /** When it aborts, the step is finished, a checkpoint written and the run ends as `interrupted`. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export interface TrainResult {
  /** `stopped`: by a listener, or because held-out loss no longer fell. */
  readonly status: 'finished' | 'stopped' | 'interrupted'
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
  let stopReason: string | undefined
  let saveAsked = false
  const control: RunControl = {
    stop: (reason) => {
      stopReason ??= reason
    },
    save: () => {
      saveAsked = true
    },
  }
  const emit = async (event: TrainEvent): Promise<void> => {
    for (const listener of listeners) await listener(event, control)
  }
  const warnings: string[] = []
  using _ = lockRunFolder(run.folder, (message) => warnings.push(message))
  const store = new CheckpointStore(run.folder, run.checkpoint.keep)
  const session = open(run, store, (message) => warnings.push(message))
  for (const message of warnings) await emit({ type: 'warning', message })

  const { totalSteps } = run.schedule
  const secondsSince = (start: number): number => (clock.now() - start) / 1000
  const started = clock.now()
  let validLoss: number | undefined

  const heldOut = async (): Promise<void> => {
    const start = clock.now()
    const { loss, samples } = session.withAverage(() => ({
      loss: evaluate(session.model, session.task.heldOut()),
      samples: run.evaluate.samples ? sampleTexts(session.model, run.evaluate.samples) : [],
    }))
    validLoss = loss
    const { patience = Number.POSITIVE_INFINITY, minImprovement } = run.evaluate
    session.heldOut = withHeldOut(session.heldOut, loss, minImprovement)
    await emit({ type: 'evaluated', step: session.step, loss, seconds: secondsSince(start) })
    for (const sample of samples) await emit({ type: 'sampled', step: session.step, ...sample })
    if (session.heldOut.sinceBest >= patience)
      control.stop(`held-out loss has not fallen in ${patience} evaluations`)
  }
  const save = async (): Promise<void> => {
    const start = clock.now()
    const path = store.save(session.snapshot())
    await emit({ type: 'checkpoint', step: session.step, path, seconds: secondsSince(start) })
  }
  const keepBest = async (loss: number): Promise<void> => {
    const path = store.keepBest(loss, run.checkpoint.best ?? 0)
    if (path !== undefined) await emit({ type: 'best', step: session.step, path, loss })
  }

  const { total, activated } = modelParameterCount(run.model)
  await emit({
    type: 'started',
    name: run.name,
    parameters: total,
    activatedParameters: activated,
    step: session.step,
    totalSteps,
    flopsPerToken: trainingFlopsPerToken(run.model, windowLength(run.data.train)),
  })
  while (session.step < totalSteps && stopReason === undefined && !signal?.aborted) {
    const start = clock.now()
    const batch = await session.nextBatch()
    const learningRate = learningRateAt(run.schedule, session.step)
    const outcome = trainStep(session, batch, learningRate, run.clipNorm)
    const { loss, gradientNorm } = outcome
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw diverged(session.step + 1, loss, gradientNorm, store.newest() ?? 'none were saved yet')
    session.step += 1
    await emit({
      type: 'step',
      step: session.step,
      totalSteps,
      epoch: session.task.training.epochs,
      ...outcome,
      learningRate,
      tokens: batch.reduce((sum, pass) => sum + pass.tokens, 0),
      seconds: secondsSince(start),
      memoryBytes: process.memoryUsage.rss(),
    })
    const last = session.step === totalSteps
    const evaluated = last || session.step % run.evaluate.everySteps === 0
    if (evaluated) await heldOut()
    await setImmediate() // lets signals in
    const ends = last || signal?.aborted || stopReason !== undefined
    const keeps = evaluated && run.checkpoint.best !== undefined
    if (ends || keeps || saveAsked || session.step % run.checkpoint.everySteps === 0) await save()
    if (keeps) await keepBest(validLoss!)
    saveAsked = false
  }
  const seconds = secondsSince(started)
  const { step } = session
  if (step === totalSteps) await emit({ type: 'finished', step, seconds })
  else if (stopReason !== undefined) await emit({ type: 'stopped', step, reason: stopReason, seconds })
  else await emit({ type: 'interrupted', step, seconds })
  const status = step === totalSteps ? 'finished' : stopReason !== undefined ? 'stopped' : 'interrupted'
  return { status, step, validLoss }
}

/** The run where its newest checkpoint left it, or at its beginning. */
function open(run: Run, store: CheckpointStore, warn: (message: string) => void): Session {
  const session = new Session(run)
  const checkpoint = store.load(warn)
  if (checkpoint) {
    if (checkpoint.state.fingerprint !== run.fingerprint) throw runChanged(run.folder)
    session.restore(checkpoint)
  }
  return session
}
