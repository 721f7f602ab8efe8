/**
 * One model's scaler: observe, decide, persist state, act, report. Observation and action are ports, independent of Prometheus,
 * Kubernetes and processes; `decideScale` decides.
 *
 * State is persisted before a change: a replica that lost leadership cannot write and so changes nothing. A failed change is
 * removed from the state.
 */

import { type Clock, isHadalError, type Logger, messageOf, systemClock } from '@hadal/base'
import {
  decideScale,
  type Observation,
  type ScaleDecision,
  type ScalingPolicy,
  type ScalingState,
} from '@hadal/fleet'
import { DecisionLog } from './decision-log.ts'
import type { KeptDecision, ModelStatus } from './scaler-status.ts'

/**
 * `done`: it is so. `changed`: another client changed it meanwhile, so read and decide again. `left`: it was not to be done, as with
 * `--dry-run`.
 */
export type Acted = 'done' | 'changed' | 'left'

export interface ScalerPorts {
  /** The current state. Rejects if even the number of engines is unknown: no decision is then made. */
  observe(signal: AbortSignal): Promise<Observation>
  /** Executes an `up` or a `down`. Rejects on failure. */
  act(decision: ScaleDecision, signal: AbortSignal): Promise<Acted>
  readonly memory: ScalerMemory
}

export interface ScalerMemory {
  read(): ScalingState
  /** Rejects if writing is no longer allowed. No-op if nothing changed. */
  write(state: ScalingState, signal: AbortSignal): Promise<void>
}

export interface ScalerOptions extends ScalerPorts {
  readonly model: string
  /** For people: `Deployment models/deepseek-engine`. */
  readonly target: string
  readonly policy: ScalingPolicy
  readonly log: Logger
  readonly clock?: Clock
  /** Called for each decision, after its execution if it is executed. */
  onDecision?(decision: ScaleDecision): void
  /** Called for each poll without a decision, or with one that failed. */
  onError?(): void
}

export interface Scaler {
  readonly model: string
  /** One look and what comes of it; undefined where nothing could be decided. Rejects only with the signal's reason. */
  step(signal: AbortSignal): Promise<ScaleDecision | undefined>
  status(): ModelStatus
  /** Decisions of earlier leaders, for status requests. */
  recall(earlier: readonly KeptDecision[]): void
}

/** A client that changes the number this often is left alone until the next round. */
const maxConflicts = 3

export function createScaler(options: ScalerOptions): Scaler {
  const { model, target, policy, memory, log, clock = systemClock } = options
  const decisions = new DecisionLog()
  let seen: Observation | undefined
  let observedAt: number | null = null
  let fault: string | null = null
  /** Time and size of the last change. */
  let acted: Acted | undefined

  const reportIssue = (thrown: unknown, what: string): void => {
    const text = `${what}: ${messageOf(thrown)}`
    // The same again is no news.
    const notify = text === fault ? log.debug : log.warn
    notify(`${model}: ${text}`, isHadalError(thrown) ? { model, code: thrown.code } : { model })
    fault = text
    options.onError?.()
  }

  const tryOnce = async (signal: AbortSignal): Promise<ScaleDecision | 'again' | undefined> => {
    let what = 'no decision'
    try {
      seen = await options.observe(signal)
      observedAt = newestOf(seen) ?? observedAt
      const { decision, state, stateIfRefused } = decideScale(policy, memory.read(), seen)
      if (decision.action === 'hold') {
        what = 'observations are not saved'
        await memory.write(state, signal)
      } else {
        what = `scaling from ${decision.from} to ${decision.to} engines failed`
        await change(decision, state, stateIfRefused, signal)
        if (acted === 'changed') return 'again'
      }
      if (fault !== null) log.info(`${model}: recovered; decisions continue`, { model })
      fault = null
      return decision
    } catch (thrown) {
      signal.throwIfAborted()
      reportIssue(thrown, what)
      return undefined
    }
  }

  const change = async (
    decision: ScaleDecision,
    state: ScalingState,
    stateIfRefused: ScalingState,
    signal: AbortSignal,
  ): Promise<void> => {
    await memory.write(state, signal)
    acted = undefined
    try {
      acted = await options.act(decision, signal)
    } finally {
      if (acted !== 'done') await memory.write(stateIfRefused, signal)
    }
  }

  return {
    model,
    async step(signal) {
      let decision = await tryOnce(signal)
      for (let tries = 1; decision === 'again' && tries < maxConflicts; tries++)
        decision = await tryOnce(signal)
      if (decision === 'again') {
        reportIssue(new Error('another client keeps changing the replica count'), 'no decision')
        return undefined
      }
      if (decision === undefined) return undefined
      const isNews = decisions.add(decision)
      const { action, from, to, reason, text, signals } = decision
      const notify = action !== 'hold' || isNews ? log.info : log.debug
      const would = action !== 'hold' && acted === 'left' ? 'would be ' : ''
      notify(`${model}: ${would}${text}`, {
        model,
        action,
        from,
        to,
        reason,
        signals: describeSignals(signals),
      })
      options.onDecision?.(decision)
      return decision
    },
    status: () => ({
      model,
      target,
      replicas: seen?.replicas ?? null,
      readyReplicas: seen?.readyReplicas ?? null,
      minReplicas: policy.minReplicas,
      maxReplicas: policy.maxReplicas,
      observedAt,
      fault,
      decisions: decisions.all,
    }),
    recall: (earlier) => decisions.recall(earlier),
  }

  /** Newest reading available; the decision judges whether it is too old. */
  function newestOf({ busyPercent, backlog, now }: Observation): number | undefined {
    const times = [busyPercent, backlog].flatMap((reading) => ('missing' in reading ? [] : [reading.at]))
    return times.length === 0 ? undefined : Math.min(now, clock.wallClock(), Math.max(...times))
  }
}

/** `busy 383 (wants 6), backlog 2, latency: not asked`. */
export function describeSignals(signals: ScaleDecision['signals']): string {
  return signals
    .map(({ name, value, wants, unusable }) => {
      if (unusable !== undefined) return `${name}: ${unusable}`
      const figure = value === undefined ? 'nothing' : String(Number(value.toPrecision(4)))
      return wants === undefined ? `${name} ${figure}` : `${name} ${figure} (wants ${wants})`
    })
    .join(', ')
}

/** Memory of a single scaler that keeps no state after exit. */
export function ownMemory(): ScalerMemory {
  let kept: ScalingState = {}
  return {
    read: () => kept,
    async write(state) {
      kept = state
    },
  }
}

/** Repeats a step with a pause until the signal, which ends it without an error. A step that takes longer shortens the pause. */
export async function repeat(
  step: (signal: AbortSignal) => Promise<unknown>,
  everyMillis: number,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  try {
    while (true) {
      const began = clock.now()
      await step(signal)
      await clock.sleep(Math.max(0, everyMillis - (clock.now() - began)), signal)
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
}
