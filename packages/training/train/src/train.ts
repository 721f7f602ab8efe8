/**
 * The training loop: batch -> step -> guard -> evaluation -> checkpoint, until the schedule ends, early stopping, or a stop
 * request. Prints nothing; subscribers do.
 */

import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '@hadal/base'
import { type FusedLayers, learningRateAt, useFusedOps } from '@hadal/nn'
import {
  type FusedOps,
  fusedOps,
  isProfiling,
  markStep,
  recordRange,
  scope,
  setMemoryLimit,
} from '@hadal/tensor'
import { Audience } from './audience.ts'
import { CheckpointSaver } from './checkpoint-saver.ts'
import { type CheckpointStore, newestCheckpoint } from './checkpoint-store.ts'
import { secondsSince } from './elapsed.ts'
import { diverged, invalidRun, runChanged } from './errors.ts'
import { evaluateRun, stopIfPointless } from './evaluation.ts'
import type { StartedEvent, StepEvent, TrainListener } from './events.ts'
import { Guard } from './guard.ts'
import { isLanguageRun, kindOf } from './kinds/kind-of.ts'
import { emptyWhenDue } from './memory/empty-when-due.ts'
import { limitBytes } from './memory/memory-options.ts'
import type { Split } from './memory/within-memory.ts'
import { agree, type Requested } from './parallel/agree.ts'
import { dataParallel } from './parallel/data-parallel.ts'
import { dividedModel } from './parallel/divided-model.ts'
import type { Mesh } from './parallel/mesh.ts'
import { checkStart, reportStart } from './parallel/start-together.ts'
import { describePrivacy } from './privacy/describe-privacy.ts'
import { privacyWarnings } from './privacy/forecast.ts'
import { lastPaidStep, stopIfSpent } from './privacy/stop-if-spent.ts'
import { RunProfiler } from './profile/run-profiler.ts'
import type { Run } from './run.ts'
import { changeSince } from './run-change.ts'
import { openRunFolder, orUnusable } from './run-folder.ts'
import { Session } from './session.ts'
import type { StepOutcome } from './step-outcome.ts'
import type { Pass } from './task/pass.ts'
import { trainStep } from './train-step.ts'
import { isImageText } from './training-data.ts'

export interface TrainOptions {
  readonly listeners?: readonly TrainListener[]
  /** When it aborts, the step is finished, a checkpoint written and the run ends as `interrupted`. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** For distributed runs: all ranks call this with the same run, and only rank 0 writes to its folder. */
  readonly mesh?: Mesh | undefined
}

export interface TrainResult {
  /** `stopped`: by a subscriber, or by early stopping. */
  readonly status: 'finished' | 'stopped' | 'interrupted'
  readonly step: number
  /** Loss of the last evaluation; the loop evaluates after its last step. */
  readonly validLoss: number | undefined
}

/**
 * Executes a run, resuming from its folder's newest checkpoint if there is one. Throws `train_run_locked`, `train_folder_unusable`,
 * `train_run_changed` and `train_no_usable_checkpoint` before the first step; `train_diverged` and `train_checkpoint_unwritten`.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { metricsLog, progressReporter, train } from '@hadal/train'
 *
 * const { status, step, validLoss } = await train(run, {
 *   listeners: [metricsLog(`${run.folder}/metrics.jsonl`), progressReporter(process.stderr)],
 * })
 * console.log(status, step, validLoss)
 * ```
 */
export async function train(run: Run, options: TrainOptions = {}): Promise<TrainResult> {
  const limit = run.memory && limitBytes(run.memory)
  if (limit === undefined) return scope(() => loop(run, options))
  const before = setMemoryLimit(limit)
  try {
    return await scope(() => loop(run, options))
  } finally {
    setMemoryLimit(before)
  }
}

async function loop(
  run: Run,
  { listeners = [], signal, clock = systemClock, mesh }: TrainOptions,
): Promise<TrainResult> {
  if (mesh && run.privacy)
    throw invalidRun(run.name, ['privacy is for one process; carry it out without --nproc'])
  if (mesh && run.quantization)
    throw invalidRun(run.name, ['quantization is for one process; carry it out without --nproc'])
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  // Other ranks than the first only read there.
  using folder = mesh && mesh.world.rank > 0 ? undefined : openRunFolder(run, warn)
  const fused = run.fusedOps ? await fusedOps() : undefined
  const { session, guard, fusedLayers } = await open(run, folder?.store, warn, signal, mesh, fused)
  if (!mesh && asksForRanks(run)) warn(undividedWarning)
  for (const data of [run.data.train, run.data.valid])
    if (isImageText(data) && data.warning !== undefined) warn(data.warning)
  for (const message of session.quantizer?.notes ?? []) warn(message)
  if (session.privacy) for (const message of privacyWarnings(session.privacy.plan)) warn(message)
  const audience = new Audience(listeners)
  const saver = new CheckpointSaver(folder?.store, audience, clock)
  const { totalSteps } = run.schedule
  const { everySteps, best } = run.checkpoint
  const started = clock.now()
  let validLoss: number | undefined
  for (const message of warnings) await audience.notify({ type: 'warning', message })
  const fusedText =
    fused &&
    fusedLayers &&
    `${fusedLayers.norms} norms and ${fusedLayers.gates} gates fused (${fused.reason})`
  await audience.notify({ ...startedEvent(run, session, mesh), ...(fusedText && { fusedOps: fusedText }) })
  stopIfPointless(run.evaluate, session, audience)
  const lastPaid = lastPaidStep(session)
  stopIfSpent(session, lastPaid, audience)
  const ask = (save: boolean): Requested =>
    agree(mesh?.world, { stop: stopRequested(audience, signal), save })
  let requested = ask(false)

  using profiler = RunProfiler.of(run, session, audience, mesh?.world)

  while (session.step < totalSteps && requested.stop === 'no') {
    if (profiler) await profiler.begins(session.step + 1)
    else markStep(session.step + 1)
    const start = clock.now()
    const message = session.quantizer?.enter(session.step)
    if (message !== undefined) await audience.notify({ type: 'phase', step: session.step + 1, message })
    const batch = await recordRange('phase:data', () => session.nextBatch())
    const learningRate = session.guard.rateFactor * learningRateAt(run.schedule, session.step)
    const outcome = trainStep(session, batch, learningRate, run.clipNorm)
    profiler?.made(outcome.memory, batch)
    const split = session.takeSplit()
    if (split) await reportSplit(audience, session.step + 1, run, split)
    const judgement = guard.judge(batch, outcome)
    const isGood = judgement.kind === 'good'
    if (isGood) {
      session.step += 1
      const seconds = secondsSince(clock, start)
      const event = stepEvent(session, totalSteps, batch, learningRate, outcome, seconds)
      await recordRange('phase:listeners', () => audience.notify(event))
    } else if (judgement.kind === 'decision') await audience.notify(judgement.event)

    stopIfSpent(session, lastPaid, audience)
    const last = session.step === totalSteps
    if (isGood && (last || session.step % run.evaluate.everySteps === 0)) {
      validLoss = await recordRange('phase:evaluation', () => evaluateRun(run, session, audience, clock))
      if (best !== undefined && session.isFinalKind)
        await saver.saveBest(session.whole(guard.checkpoint()), validLoss, best)
    }
    if (isGood) recordRange('phase:guard', () => guard.keepGood())
    const emptied = isGood && emptyWhenDue(run.memory, session.step)
    if (emptied) await audience.notify({ type: 'emptied', step: session.step, ...emptied })
    await setImmediate() // lets signals in
    if (judgement.kind === 'diverged') {
      await saver.save(session.whole(guard.checkpoint()), false)
      mesh?.world.barrier() // A rank that ends before the checkpoint is written ends all.
      throw diverged(judgement.failure, folder?.store.newest() ?? 'none could be written')
    }
    requested = ask(audience.takeSaveRequested())
    const must = requested.save || last || requested.stop !== 'no'
    const due = isGood ? session.step % everySteps === 0 : judgement.rolledBack
    if (must || due) {
      await recordRange('phase:checkpoint', () => saver.save(session.whole(guard.checkpoint()), must))
      requested = ask(false) // A subscriber to checkpoint events may request a stop.
    }
  }

  if (profiler) await profiler.ends()
  else markStep(undefined)
  const { step } = session
  const ended = { step, seconds: secondsSince(clock, started) }
  const status = step === totalSteps || requested.stop === 'no' ? 'finished' : requested.stop
  const { stopReason = 'another rank was asked to stop' } = audience
  if (status === 'stopped') await audience.notify({ type: status, reason: stopReason, ...ended })
  else await audience.notify({ type: status, ...ended })
  return { status, step, validLoss }
}

/** The run at its newest checkpoint, or at its start. */
async function open(
  run: Run,
  store: CheckpointStore | undefined,
  warn: (message: string) => void,
  signal: AbortSignal | undefined,
  mesh: Mesh | undefined,
  fused: FusedOps | undefined,
): Promise<{
  readonly session: Session
  readonly guard: Guard
  readonly fusedLayers: FusedLayers | undefined
}> {
  // Ranks divide only language models, which `openMesh` ensures.
  const ranked = mesh && isLanguageRun(run) ? { mesh, run } : undefined
  const divided = ranked && dividedModel(ranked.run.model, ranked.mesh)
  const data = ranked && dataParallel(ranked.run, ranked.mesh, divided && ((name) => divided.isOwned(name)))
  const session = new Session(run, divided, data)
  const fusedLayers = fused && useFusedOps(session.model.module, fused)
  const reported = mesh && store === undefined ? reportStart(mesh.world, run) : undefined
  const found = orUnusable(run.folder, () => (store ? store.load(warn) : newestCheckpoint(run.folder)))
  const checkpoint = found && session.own(found)
  const change = checkpoint && changeSince(run, checkpoint.state)
  if (change !== undefined) throw runChanged(run.folder, change)
  const failure = checkpoint?.state.guard.failure
  if (failure) throw diverged(failure, store?.newest() ?? run.folder)
  const step = checkpoint?.state.step ?? 0
  if (reported !== undefined) checkStart(mesh!.world, run, reported, step)
  else if (mesh) reportStart(mesh.world, run, step)
  await session.prepare(signal, mesh?.world)
  if (checkpoint) session.restore(checkpoint)
  // Removes best checkpoints that are not this run's: those of a run abandoned before its first checkpoint, or on other data. In
  // private runs also those of steps that will be repeated: their rows would be released twice but counted once.
  const lastCounted = run.privacy ? step : Number.POSITIVE_INFINITY
  orUnusable(run.folder, () =>
    store?.clearBest(
      (state) =>
        state.step <= lastCounted &&
        state.heldOutFingerprint === run.heldOutFingerprint &&
        changeSince(run, state) === undefined,
    ),
  )
  return { session, guard: new Guard(run, session, checkpoint), fusedLayers }
}

async function reportSplit(audience: Audience, step: number, run: Run, split: Split): Promise<void> {
  await audience.notify({ type: 'split', step, ...split })
  const { windows } = run.batch
  const rows = Math.ceil(windows / Math.min(split.parts, windows))
  const message = `a pass of ${windows} did not fit in memory in step ${step}: from now on passes have ${rows}, with the same gradients (hadal train RECIPE --plan lists other ways to save memory). ${split.reason}`
  await audience.notify({ type: 'warning', message })
}

/** Whether it requests a layout that needs several processes. */
const asksForRanks = ({ parallel = {} }: Run): boolean =>
  [parallel.data, parallel.tensor, parallel.expert].some((parts) => parts !== undefined && parts > 1)

const undividedWarning =
  'the run sets parallel but only one process was started: start it with hadal train RECIPE --nproc N'

function stopRequested({ stopReason }: Audience, signal: AbortSignal | undefined): Requested['stop'] {
  if (stopReason !== undefined) return 'stopped'
  return signal?.aborted ? 'interrupted' : 'no'
}

function startedEvent(run: Run, session: Session, mesh: Mesh | undefined): StartedEvent {
  const kind = kindOf(run.model)
  const { total, activated } = kind.parameterCount(run.model)
  return {
    type: 'started',
    name: run.name,
    parameters: total,
    activatedParameters: activated,
    step: session.step,
    totalSteps: run.schedule.totalSteps,
    interventions: session.guard.interventions.length,
    unit: kind.unit,
    flopsPerToken: kind.flopsPerUnit(run),
    ...(mesh && { ranks: mesh.world.size }),
    ...(session.privacy && { privacy: describePrivacy(session.privacy.plan) }),
  }
}

function stepEvent(
  session: Session,
  totalSteps: number,
  batch: readonly Pass[],
  learningRate: number,
  { passLosses: _, memory, ...outcome }: StepOutcome,
  seconds: number,
): StepEvent {
  return {
    type: 'step',
    step: session.step,
    totalSteps,
    epoch: session.task.training.epochs,
    ...outcome,
    learningRate,
    tokens: batch.reduce((sum, pass) => sum + pass.tokens, 0),
    seconds,
    memoryBytes: process.memoryUsage.rss(),
    // libtorch's counter is off while profiling; the profile contains it.
    ...(!isProfiling() && { memory }),
  }
}
